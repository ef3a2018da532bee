import { ColumnType } from '#libs/documents/store';

/** What a plan reads of a row: a column, or what stands at a path in a json column. */
export interface Field {
  /** As the plan wrote it; its column in an answer goes by it. */
  readonly name: string;
  readonly column: string;
  /** Members and list positions below the column, from the outermost in. */
  readonly path?: readonly (string | number)[];
  /**
   * For a path, as what it is read: `string` is the text of whatever stands there (JSON for objects and lists), `double`
   * its number, null where it is none.
   */
  readonly type: ColumnType;
}

/** The same place read as a number. */
export const asNumber = (field: Field): Field => (field.path ? { ...field, type: 'double' } : field);

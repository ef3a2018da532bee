export interface Store {
  readonly dataset: string;
  /** The column that holds the event's time. */
  readonly time: string;
  /** The columns that, with the time, tell one event from another. */
  readonly key: readonly string[];
  readonly mode?: 'append';
  /** Column -> type, when no schema names them. */
  readonly columns?: Readonly<Record<string, StoreColumnType>>;
}

export const COLUMN_TYPES = ['string', 'int', 'double', 'bool', 'timestamp', 'json'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];
/** A column type as a document writes it; `?` behind it lets the column be null. */
export type StoreColumnType = ColumnType | `${ColumnType}?`;

import { RecordPart } from '../source-reader';

/** The records of a page, as its format has them. */
export interface PageRecords {
  readonly parts: readonly RecordPart[];
  readonly count: number;
  /** The records' values, as far as they can be read; only looked at for a cursor. */
  readonly values: () => Iterable<unknown>;
  /** The whole body as a value, where its format has one. */
  readonly document?: unknown;
}

export const NO_RECORDS: PageRecords = { parts: [], count: 0, values: () => [] };

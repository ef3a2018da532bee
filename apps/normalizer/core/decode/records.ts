/** The records of a payload, read one at a time. */
export interface DecodedRecords {
  readonly count: number;
  /** The names in the header row, where the format has one: a record cannot be read without them. */
  readonly columns?: readonly string[];
  /** The record's value, or a `Failure`: why it has none. Never throws. */
  at(index: number): unknown;
  /** Its bytes as they came; a view. */
  bytesOf(index: number): Uint8Array;
}

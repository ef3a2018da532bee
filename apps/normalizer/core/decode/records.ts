/** The records of a payload, read one at a time. */
export interface DecodedRecords {
  readonly count: number;
  /** The record's value, or a `Failure`: why it has none. Never throws. */
  at(index: number): unknown;
  /** Its bytes as they came; a view. */
  bytesOf(index: number): Uint8Array;
}

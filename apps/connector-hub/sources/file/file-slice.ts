/** Where in a file reading stands. */
export interface FileOffset {
  /** Rows, lines or elements before it. */
  readonly rows: number;
  /** Bytes before it, inflated; 0 in a file that has no such place (parquet). */
  readonly bytes: number;
}

export const START: FileOffset = { rows: 0, bytes: 0 };

/** One of the records of a file, with its number from 1. */
export interface FileRow {
  readonly row: number;
  readonly text: Buffer;
}

/** What was read in one go. */
export interface FileSlice {
  readonly rows: readonly FileRow[];
  readonly reached: FileOffset;
}

/** As much of a file is read in one go. A record has two bytes at least, so no slice has more than a batch may. */
export const SLICE_BYTES = 448 * 1024;

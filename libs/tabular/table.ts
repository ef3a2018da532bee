import { Cell, ResultColumn } from '#libs/contracts/query-plan';

/** Rows in the form of an answer: one cell a column. */
export interface Table {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Rows that are written at once: so that a large answer neither waits for its end nor goes out in crumbs. */
export const CHUNK_ROWS = 1_000;

export function* chunksOf<T>(rows: readonly T[], size = CHUNK_ROWS): Generator<readonly T[]> {
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size);
}

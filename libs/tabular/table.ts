import { Cell, ResultColumn } from '#libs/contracts/query-plan';

export type Rows = readonly (readonly Cell[])[];

/** Rows in the form of an answer, one cell a column: part by part, so that a writer holds a part and never all of them. */
export interface Table {
  readonly columns: readonly ResultColumn[];
  readonly parts: Iterable<Rows> | AsyncIterable<Rows>;
}

/** Rows that are written at once: so that a large answer neither waits for its end nor goes out in crumbs. */
const CHUNK_ROWS = 1_000;

export function* chunksOf(rows: Rows, size = CHUNK_ROWS): Generator<Rows> {
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size);
}

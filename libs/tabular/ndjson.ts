import { chunksOf, Table } from './table';

/** One JSON object a line, its members in the order of the columns. */
export function* ndjsonOf({ columns, rows }: Table): Generator<string> {
  const names = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  for (const chunk of chunksOf(rows)) {
    yield chunk.map((row) => `{${row.map((cell, at) => `${names[at]}${JSON.stringify(cell)}`).join(',')}}\n`).join('');
  }
}

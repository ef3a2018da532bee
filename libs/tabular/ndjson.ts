import { Table } from './table';

/** One JSON object a line, its members in the order of the columns. */
export async function* ndjsonOf({ columns, parts }: Table): AsyncGenerator<string> {
  const names = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  for await (const rows of parts) {
    yield rows.map((row) => `{${row.map((cell, at) => `${names[at]}${JSON.stringify(cell)}`).join(',')}}\n`).join('');
  }
}

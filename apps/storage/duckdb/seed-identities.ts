import { DuckDBConnection, DuckDBDataChunk, DuckDBTimestampValue } from '@duckdb/node-api';
import { Column } from '#libs/contracts/columns';
import { justAfter, keyHashes, RecentIdentities, timesAsNumbers } from '../recent-identities';
import { KeptDataset } from './catalog';
import { quoted } from './identifiers';

/** How many of the newest rows are read back when a dataset gets its first append since the start. */
const SEED_ROWS = 50_000;

/** What a dataset's newest rows are, so that appends near them need not ask the engine. */
export async function seedIdentities(
  connection: DuckDBConnection,
  { definition, table }: KeptDataset,
): Promise<RecentIdentities> {
  const { time, key, columns } = definition;
  const types = key.map((name) => columns.find((column) => column.name === name)!.type); // a key names columns
  const sql = `
    SELECT ${[time, ...key].map(quoted).join(', ')} FROM ${table.sql}
    ORDER BY ${quoted(time)} DESC LIMIT ${SEED_ROWS + 1}`;
  const result = await connection.run(sql);
  const parts: { times: Float64Array; hashes: Int32Array }[] = [];
  let count = 0;
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const times = timesAsNumbers(microsOf(chunk, 0));
    const keyColumns = types.map((type, at) => columnOf(chunk, at + 1, type));
    const hashes = keyHashes({ length: chunk.rowCount, columns: keyColumns }, [...keyColumns.keys()]);
    parts.push({ times, hashes });
    count += chunk.rowCount;
  }
  // Rows of the last time read may be missing, so memory vouches only for what comes after it.
  const floor = count <= SEED_ROWS ? Number.NEGATIVE_INFINITY : justAfter(earliest(parts));
  const identities = new RecentIdentities(floor);
  for (const { times, hashes } of parts) times.forEach((at, row) => identities.add(at, hashes[row]!));
  return identities;
}

function earliest(parts: readonly { readonly times: Float64Array }[]): number {
  return parts.reduce((least, { times }) => times.reduce((one, other) => Math.min(one, other), least), Infinity);
}

function microsOf(chunk: DuckDBDataChunk, at: number): BigInt64Array {
  return BigInt64Array.from(chunk.getColumnValues(at), (value) =>
    value instanceof DuckDBTimestampValue ? value.micros : 0n,
  );
}

/** A key's column as an append would carry it, so that its hashes are the same. */
function columnOf(chunk: DuckDBDataChunk, at: number, type: Column['type']): Column {
  const name = String(at);
  const values = chunk.getColumnValues(at);
  switch (type) {
    case 'string':
    case 'json':
      return { name, type, values: values.map(String) };
    case 'timestamp':
      return { name, type, values: microsOf(chunk, at) };
    case 'int':
      return { name, type, values: BigInt64Array.from(values, (value) => (typeof value === 'bigint' ? value : 0n)) };
    case 'double':
      return { name, type, values: Float64Array.from(values, Number) };
    case 'bool':
      return { name, type, values: Uint8Array.from(values, Number) };
  }
}

import { DuckDBConnection, DuckDBDataChunk, DuckDBTimestampValue } from '@duckdb/node-api';
import { Column } from '#libs/contracts/columns';
import { IdentityMemory } from '../identity-memory';
import { KnownKeys } from '../known-keys';
import { justAfter, keyHashes, RecentIdentities, timesAsNumbers } from '../recent-identities';
import { KeptDataset } from './catalog';
import { quoted } from './identifiers';
import { rowsOf } from './transaction';

/** How many of the newest rows are read back when a dataset gets its first append since the start. */
const SEED_ROWS = 50_000;
/** How many keys are read back at most where keys are known at any time; of more, every one is asked about. */
const SEED_KEYS = 2_000_000;

const NOTHING_SURE: IdentityMemory = { add: () => false };

/** What a dataset holds as far as it is worth remembering, so that most appends need not ask the engine. */
export function seedIdentities(connection: DuckDBConnection, dataset: KeptDataset): Promise<IdentityMemory> {
  return dataset.definition.identity.by === 'time' ? newestRows(connection, dataset) : allKeys(connection, dataset);
}

async function newestRows(connection: DuckDBConnection, { definition, table }: KeptDataset): Promise<IdentityMemory> {
  const { time, key } = definition;
  const sql = `
    SELECT ${[time, ...key].map(quoted).join(', ')} FROM ${table.sql}
    ORDER BY ${quoted(time)} DESC LIMIT ${SEED_ROWS + 1}`;
  const parts: { times: Float64Array; hashes: Int32Array }[] = [];
  let count = 0;
  const result = await connection.run(sql);
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    parts.push({ times: timesAsNumbers(microsOf(chunk, 0)), hashes: hashesOf(chunk, definition, 1) });
    count += chunk.rowCount;
  }
  // Rows of the last time read may be missing, so memory vouches only for what comes after it.
  const floor = count <= SEED_ROWS ? Number.NEGATIVE_INFINITY : justAfter(earliest(parts));
  const identities = new RecentIdentities(floor);
  for (const { times, hashes } of parts) times.forEach((at, row) => identities.add(at, hashes[row]!));
  return identities;
}

async function allKeys(connection: DuckDBConnection, dataset: KeptDataset): Promise<IdentityMemory> {
  const known = new KnownKeys();
  for (const table of [dataset.table, dataset.tombstones]) {
    if (!table) continue;
    const [counted] = await rowsOf(connection, `SELECT count(*) FROM ${table.sql}`);
    if (Number(counted?.[0]) > SEED_KEYS) return NOTHING_SURE;
    const result = await connection.run(`SELECT ${dataset.definition.key.map(quoted).join(', ')} FROM ${table.sql}`);
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      for (const hash of hashesOf(chunk, dataset.definition, 0)) known.add(0, hash);
    }
  }
  return known;
}

/** One hash a row over the key, whose columns begin at `from`. */
function hashesOf(chunk: DuckDBDataChunk, { key, columns }: KeptDataset['definition'], from: number): Int32Array {
  const types = key.map((name) => columns.find((column) => column.name === name)!.type); // a key names columns
  const keyColumns = types.map((type, at) => columnOf(chunk, at + from, type));
  return keyHashes({ length: chunk.rowCount, columns: keyColumns }, [...keyColumns.keys()]);
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

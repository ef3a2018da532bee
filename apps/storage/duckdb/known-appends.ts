import { DuckDBConnection } from '@duckdb/node-api';
import { IdentityMemory } from '../identity-memory';
import { KnownKeys } from '../known-keys';
import { textHash } from '../recent-identities';
import { KeptDataset } from './catalog';
import { RECEIPTS } from './identifiers';
import { rowsOf } from './transaction';

/** How many ids are read back at most; where there are more, the engine is asked about every one. */
const SEED_IDS = 2_000_000;

const NOTHING_SURE: IdentityMemory = { add: () => false };

/**
 * Takes ids of appends in, and gives those of which there may be a receipt: most are new for certain, and need no look
 * into the receipts. An id that is taken in and not written after all only costs a look.
 */
export async function doubtfulAppends(
  connection: DuckDBConnection,
  dataset: KeptDataset,
  ids: readonly string[],
): Promise<string[]> {
  const known = (dataset.appends ??= await appendsOf(connection, dataset));
  return ids.filter((id) => !known.add(0, textHash(id)));
}

async function appendsOf(connection: DuckDBConnection, { id }: KeptDataset): Promise<IdentityMemory> {
  const known = new KnownKeys();
  const [counted] = await rowsOf(connection, `SELECT count(*) FROM ${RECEIPTS.sql} WHERE dataset_id = $1`, [id]);
  if (Number(counted?.[0]) > SEED_IDS) return NOTHING_SURE;
  const result = await connection.run(`SELECT append_id FROM ${RECEIPTS.sql} WHERE dataset_id = $1`, [id]);
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const appendId of chunk.getColumnValues(0)) known.add(0, textHash(String(appendId)));
  }
  return known;
}

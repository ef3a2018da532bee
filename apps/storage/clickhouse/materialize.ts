import { bucketOf } from '#libs/calendar/bucket';
import { MaterializedRollup } from '#libs/contracts/storage.contract';
import { numberedStart } from '../dirty-buckets';
import { BUCKET } from '../rollup';
import { BookedRollup, Books, Snapshot } from './books';
import { ClickHouse } from './click-house';
import { bucketsSql } from './rollup-sql';
import { buildsTable, quoted, rollupTable } from './tables';
import { liveRows } from './visible';

const NEWEST_DIRTY = `SELECT bucket FROM storage.dirty WHERE rollup_id = $1 ORDER BY bucket DESC LIMIT $2`;
const NEXT_BUILD = `SELECT last_build + 1 AS build FROM storage.rollups WHERE id = $1`;
const CLEAN = `DELETE FROM storage.dirty WHERE rollup_id = $1 AND bucket = ANY($2::bigint[])`;
const BUILT = `UPDATE storage.rollups SET last_build = $2 WHERE id = $1`;
const REMAINING = `SELECT count(*)::int AS remaining FROM storage.dirty WHERE rollup_id = $1`;

/**
 * Recomputes the newest dirty buckets as a build of its own, beside the one before, and lets it count in the transaction
 * that marks them clean. A build that breaks off leaves rows of buckets that are dirty still, and so asks nobody. Call it
 * alone for the dataset.
 */
export async function materializeRollup(
  clickHouse: ClickHouse,
  { database }: Books,
  snapshot: Snapshot,
  { id, definition }: BookedRollup,
  maxBuckets: number,
): Promise<MaterializedRollup> {
  const newest = await database.query<{ bucket: string }[]>(NEWEST_DIRTY, [id, maxBuckets]);
  const bucket = bucketOf(definition);
  const chosen = newest.map((dirty) => Number(dirty.bucket)).reverse();
  if (chosen.length === 0) return { refreshed: 0, remaining: 0 };
  const [row] = await database.query<{ build: string }[]>(NEXT_BUILD, [id]);
  const build = row!.build; // the rollup is there
  const columns = [BUCKET, ...definition.by, ...definition.measures.map(({ name }) => name)].map(quoted).join(', ');
  const fresh = bucketsSql(snapshot.definition, liveRows(snapshot), definition, chosen);
  const stale = `_build = ${build}`;
  for (const table of [rollupTable(id), buildsTable(id)]) {
    await clickHouse.command(`DELETE FROM ${table} WHERE ${stale}`); // of one that broke off
  }
  await clickHouse.command(
    `INSERT INTO ${rollupTable(id)} (_build, ${columns}) SELECT ${build}, ${columns} FROM (${fresh})`,
  );
  await clickHouse.insert(
    buildsTable(id),
    [BUCKET, '_build'],
    chosen.map((number) => [String(numberedStart(bucket, number)), build]),
  );
  return database.transaction(async (tx) => {
    await tx.query(CLEAN, [id, chosen]);
    await tx.query(BUILT, [id, build]);
    const [left] = await tx.query<{ remaining: number }[]>(REMAINING, [id]);
    return { refreshed: chosen.length, remaining: left?.remaining ?? 0 };
  });
}

import { bucketOf } from '#libs/calendar/bucket';
import { rfc3339OfMicros } from '#libs/calendar/instants';
import { Cell } from '#libs/contracts/query-plan';
import { RollupRef, VerifiedRollup } from '#libs/contracts/storage.contract';
import { bucketNumber, bucketsOfSpans, numberedStart } from '../dirty-buckets';
import { BUCKET, rollupAsDataset } from '../rollup';
import { answerRow } from './answer';
import { spanOf, spansSql } from './bucket-sql';
import { BookedRollup, Books, Snapshot } from './books';
import { ClickCell, ClickHouse } from './click-house';
import { allBucketsSql, cleanRowsSql } from './rollup-sql';
import { quoted } from './tables';
import { liveRows } from './visible';

const EXAMPLES_MAX = 20;
const TOLERANCE = 1e-12;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** How many buckets of a rollup are up to date, among those that have rows. */
export async function countCleanBuckets(clickHouse: ClickHouse, books: Books, ref: RollupRef): Promise<number> {
  const { rollup, dirty } = await withDirt(books, ref);
  const bucket = bucketOf(rollup.definition);
  const rows = await clickHouse.rows(cleanRowsSql(rollup, `DISTINCT ${quoted(BUCKET)}`));
  return rows.filter(([start]) => !dirty.has(bucketNumber(bucket, BigInt(String(start))))).length;
}

/** A rollup with its dirt, of one moment. */
function withDirt(
  books: Books,
  ref: RollupRef,
): Promise<{ readonly snapshot: Snapshot; readonly rollup: BookedRollup; readonly dirty: ReadonlySet<number> }> {
  return books.atOnce(async (tx) => {
    const snapshot = await books.snapshot(ref, tx);
    const rollup = books.rollup(snapshot, ref);
    return { snapshot, rollup, dirty: new Set(await books.dirtyBuckets(rollup.id, INT64_MIN, INT64_MAX, tx)) };
  });
}

/** Recomputes every clean bucket from raw rows, in one snapshot with what is kept, and compares group by group. */
export async function verifyRollup(
  clickHouse: ClickHouse,
  books: Books,
  ref: RollupRef,
  signal?: AbortSignal,
): Promise<VerifiedRollup> {
  const { snapshot, rollup, dirty } = await withDirt(books, ref);
  const { definition } = snapshot;
  const { columns } = rollupAsDataset(definition, rollup.definition);
  const keys = 1 + rollup.definition.by.length;
  const bucket = bucketOf(rollup.definition);
  const isClean = (start: ClickCell | undefined): boolean => !dirty.has(bucketNumber(bucket, BigInt(String(start))));
  const spans = await clickHouse.rows(spansSql(bucket, definition.time, liveRows(snapshot)), undefined, signal);
  const numbers = [...bucketsOfSpans(bucket, spans.map(spanOf))].sort((one, other) => one - other);
  const first = numbers[0] === undefined ? 'NULL' : numberedStart(bucket, numbers[0]);
  const names = columns.map(({ name }) => quoted(name)).join(', ');
  const kept = await clickHouse.rows(
    `${cleanRowsSql(rollup, names)} AND ${quoted(BUCKET)} >= ${first}`,
    undefined,
    signal,
  );
  const raw = await clickHouse.rows(
    allBucketsSql(definition, liveRows(snapshot), rollup.definition, numbers),
    undefined,
    signal,
  );
  const expected = new Map(
    raw.filter(([start]) => isClean(start)).map((row) => [JSON.stringify(row.slice(0, keys)), row]),
  );
  const groups = new Map(
    kept.filter(([start]) => isClean(start)).map((row) => [JSON.stringify(row.slice(0, keys)), row]),
  );
  const all = [...new Set([...groups.keys(), ...expected.keys()])];
  const measures = columns.slice(keys);
  const measured = (row: readonly ClickCell[]): Cell[] => answerRow(row.slice(keys), measures);
  const wrong = all.filter((key) => {
    const [own, other] = [groups.get(key), expected.get(key)];
    return !own || !other || !measured(own).every((cell, at) => alike(cell, measured(other)[at]));
  });
  return {
    buckets: new Set(all.map((key) => (JSON.parse(key) as ClickCell[])[0])).size,
    groups: all.length,
    dirtyBuckets: dirty.size,
    mismatches: wrong.length,
    examples: wrong.slice(0, EXAMPLES_MAX).map((key) => {
      const [start, ...group] = JSON.parse(key) as ClickCell[];
      const [own, other] = [groups.get(key), expected.get(key)];
      return {
        bucket: rfc3339OfMicros(BigInt(String(start))),
        group: answerRow(group, columns.slice(1, keys)),
        ...(own ? { kept: measured(own) } : {}),
        ...(other ? { expected: measured(other) } : {}),
      };
    }),
  };
}

/** Doubles that were added up in another order may differ in their last digits. */
function alike(one: Cell, other: Cell | undefined): boolean {
  if (typeof one !== 'number' || typeof other !== 'number') return one === other;
  return Math.abs(one - other) <= TOLERANCE * Math.max(1, Math.abs(one), Math.abs(other));
}

import { DuckDBConnection, DuckDBTimestampValue } from '@duckdb/node-api';
import { Bucket, bucketOf } from '#libs/calendar/bucket';
import { rfc3339OfMicros } from '#libs/calendar/instants';
import { OffsetSpan } from '#libs/calendar/zone';
import { Cell, ResultColumn } from '#libs/contracts/query-plan';
import { VerifiedRollup } from '#libs/contracts/storage.contract';
import { BUCKET, rollupAsDataset } from '../rollup';
import { answerRow } from './answer';
import { bucketStartSql, numberOfStartSql, spansOver } from './bucket-sql';
import { KeptDataset, KeptRollup } from './catalog';
import { DIRTY, quoted } from './identifiers';
import { notDirtySql } from './merged-sql';
import { Parameters } from './parameters';
import { rawBuckets } from './questions';
import { rollupColumns } from './rollup-sql';
import { rowsOf } from './transaction';

const EXAMPLES_MAX = 20;
const TOLERANCE = '1e-12';

/** How many buckets of a rollup are up to date, among those that have rows. */
export async function cleanBuckets(
  connection: DuckDBConnection,
  { id, definition, table }: KeptRollup,
): Promise<number> {
  const bucket = numberOfStartSql(bucketOf(definition), quoted(BUCKET));
  const sql = `
    SELECT count(DISTINCT ${quoted(BUCKET)}) FROM ${table.sql}
    WHERE ${bucket} NOT IN (SELECT bucket FROM ${DIRTY.sql} WHERE rollup_id = $1)`;
  const [row] = await rowsOf(connection, sql, [id]);
  return Number(row?.[0]);
}

/** Recomputes every clean bucket from raw rows, in one snapshot with what is kept, and compares group by group. */
export async function verifyRollup(
  connection: DuckDBConnection,
  dataset: KeptDataset,
  rollup: KeptRollup,
): Promise<VerifiedRollup> {
  const { by, measures } = rollup.definition;
  const raw = rawBuckets(dataset, rollup);
  const parameters = new Parameters();
  const spans = await spansOfRows(connection, dataset, raw.bucket);
  const { columns, keys } = rollupColumns(raw, spans, parameters);
  const time = quoted(dataset.definition.time);
  const startOf = (instant: string): string => bucketStartSql(raw.bucket, instant, spans);
  const keyNames = [BUCKET, ...by].map(quoted);
  const values = measures.map(({ name }) => quoted(name));
  const types = rollupAsDataset(dataset.definition, rollup.definition).columns;
  const same = keyNames.map((name) => `kept.${name} IS NOT DISTINCT FROM raw.${name}`).join(' AND ');
  const differs = measures.map(({ name }) =>
    differsSql(quoted(name), types.find((one) => one.name === name)?.type === 'double'),
  );
  const first = `(SELECT min(${time}) FROM ${dataset.table.sql})`;
  const compared = `
    WITH kept AS (
      SELECT *, TRUE AS here FROM ${rollup.table.sql}
      WHERE ${notDirtySql(raw, quoted(BUCKET))} AND ${quoted(BUCKET)} >= ${startOf(first)}
    ), raw AS (
      SELECT *, TRUE AS here FROM (
        SELECT ${columns.join(', ')} FROM ${dataset.table.sql} WHERE ${notDirtySql(raw, startOf(time))}
        GROUP BY ${Array.from({ length: keys }, (_, at) => at + 1).join(', ')}
      )
    ), compared AS (
      SELECT ${keyNames.map((name, at) => `coalesce(kept.${name}, raw.${name}) AS k${at}`).join(', ')},
        ${values.map((name, at) => `kept.${name} AS own${at}, raw.${name} AS raw${at}`).join(', ')},
        kept.here AS kept_here, raw.here AS raw_here,
        (kept.here IS NULL OR raw.here IS NULL OR ${differs.join(' OR ')}) AS wrong
      FROM kept FULL JOIN raw ON ${same}
    )`;
  const [totals] = await rowsOf(
    connection,
    `${compared} SELECT count(DISTINCT k0), count(*), count(*) FILTER (WHERE wrong) FROM compared`,
    parameters.values,
  );
  const mismatches = Number(totals?.[2]);
  const wrong =
    mismatches === 0
      ? []
      : await rowsOf(
          connection,
          `${compared} SELECT * FROM compared WHERE wrong ORDER BY k0 LIMIT ${EXAMPLES_MAX}`,
          parameters.values,
        );
  const typeOf = (name: string): ResultColumn => ({
    name,
    type: types.find((one) => one.name === name)?.type ?? 'int',
  });
  return {
    buckets: Number(totals?.[0]),
    groups: Number(totals?.[1]),
    dirtyBuckets: rollup.dirty.size,
    mismatches,
    examples: wrong.map((row) => {
      const at = keyNames.length;
      const side = (offset: number): Cell[] =>
        answerRow(
          measures.map((_, index) => row[at + index * 2 + offset] ?? null),
          measures.map(({ name }) => typeOf(name)),
        );
      const [bucket] = row;
      return {
        bucket: bucket instanceof DuckDBTimestampValue ? rfc3339OfMicros(bucket.micros) : '',
        group: answerRow(row.slice(1, at), by.map(typeOf)),
        ...(row[at + measures.length * 2] === true ? { kept: side(0) } : {}),
        ...(row[at + measures.length * 2 + 1] === true ? { expected: side(1) } : {}),
      };
    }),
  };
}

/** The offsets of the bucket's zone over all rows. */
async function spansOfRows(
  connection: DuckDBConnection,
  { table, definition }: KeptDataset,
  bucket: Bucket,
): Promise<readonly OffsetSpan[]> {
  const time = quoted(definition.time);
  const [row] = await rowsOf(connection, `SELECT min(${time}), max(${time}) FROM ${table.sql}`);
  const [first, last] = row ?? [];
  const isKnown = first instanceof DuckDBTimestampValue && last instanceof DuckDBTimestampValue;
  return isKnown ? spansOver(bucket, first.micros, last.micros) : [];
}

/** Doubles that were added up in another order may differ in their last digits. */
function differsSql(name: string, isDouble: boolean): string {
  const exact = `kept.${name} IS DISTINCT FROM raw.${name}`;
  if (!isDouble) return exact;
  return `(${exact} AND coalesce(abs(kept.${name} - raw.${name}) > ${TOLERANCE} * greatest(1, abs(kept.${name}), abs(raw.${name})), TRUE))`;
}

import { DuckDBConnection, DuckDBTimestampValue, DuckDBValue } from '@duckdb/node-api';
import { Bucket } from '#libs/calendar/bucket';
import { bucketsOfSpans } from '../dirty-buckets';
import { fixedStartSql } from './bucket-sql';
import { KeptDataset } from './catalog';
import { quoted } from './identifiers';
import { rowsOf } from './transaction';

const DAY_US = 86_400_000_000n;

/** The numbers of the buckets that the rows of a condition are in. Days of the calendar are the runtime's own to tell. */
export async function bucketsOfRows(
  connection: DuckDBConnection,
  { table, definition }: KeptDataset,
  bucket: Bucket,
  condition = 'TRUE',
  values: readonly DuckDBValue[] = [],
): Promise<Set<number>> {
  const time = quoted(definition.time);
  const part = fixedStartSql(time, bucket.kind === 'fixed' ? bucket.widthUs : DAY_US);
  const sql = `SELECT min(${time}), max(${time}) FROM ${table.sql} WHERE ${condition} GROUP BY ${part}`;
  const spans = (await rowsOf(connection, sql, [...values])).flatMap(([first, last]) =>
    first instanceof DuckDBTimestampValue && last instanceof DuckDBTimestampValue
      ? [[first.micros, last.micros] as const]
      : [],
  );
  return bucketsOfSpans(bucket, spans);
}

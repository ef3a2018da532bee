import { DuckDBConnection } from '@duckdb/node-api';
import { KeptRollup } from './catalog';
import { DIRTY } from './identifiers';

/** What becomes true of the process's memory once the transaction is committed. */
export type AfterCommit = () => void;

/** Marks buckets of a rollup dirty in the caller's transaction; those that are so already cost nothing. */
export async function markDirty(
  connection: DuckDBConnection,
  { id, dirty }: KeptRollup,
  buckets: Iterable<number>,
): Promise<AfterCommit[]> {
  const news = new Set<number>();
  for (const bucket of buckets) if (!dirty.has(bucket)) news.add(bucket);
  if (news.size === 0) return [];
  const appender = await connection.createAppender(DIRTY.table, DIRTY.schema);
  try {
    for (const bucket of news) {
      appender.appendInteger(id);
      appender.appendBigInt(BigInt(bucket));
      appender.endRow();
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
  return [() => news.forEach((bucket) => dirty.add(bucket))];
}

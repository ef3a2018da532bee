import { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { AppendReceipt } from '#libs/contracts/storage.contract';
import { Conflict } from '#libs/errors/errors';
import { KeptDataset } from './catalog';
import { doubtfulAppends } from './known-appends';
import { RECEIPTS } from './identifiers';
import { rowsOf } from './transaction';

/** An append that was written and gets its receipt in the same transaction. */
export interface Written {
  readonly batch: { readonly epoch: number };
  readonly appendNo: number;
  readonly receipt: AppendReceipt;
}

/**
 * The receipts that these appends have already. Throws Conflict `append.replaced` for one that was replaced before it
 * came: its rows must not come after all.
 */
export async function knownReceipts(
  connection: DuckDBConnection,
  dataset: KeptDataset,
  appendIds: readonly string[],
): Promise<Map<string, AppendReceipt>> {
  const ids = await doubtfulAppends(connection, dataset, [...new Set(appendIds)]);
  if (ids.length === 0) return new Map();
  const places = ids.map((_, at) => `$${at + 2}`).join(', ');
  const sql = `
    SELECT append_id, stored, merged, stale, duplicate, replaced
    FROM ${RECEIPTS.sql}
    WHERE dataset_id = $1 AND append_id IN (${places})`;
  const rows = await rowsOf(connection, sql, [dataset.id, ...ids]);
  return new Map(rows.map((row) => [String(row[0]), receiptOf(row)]));
}

export async function keepReceipts(
  connection: DuckDBConnection,
  { id }: KeptDataset,
  appends: readonly Written[],
): Promise<void> {
  if (appends.length === 0) return;
  const appender = await connection.createAppender(RECEIPTS.table, RECEIPTS.schema);
  try {
    for (const { batch, appendNo, receipt } of appends) {
      appender.appendInteger(id);
      appender.appendVarchar(receipt.appendId);
      appender.appendBigInt(BigInt(appendNo));
      for (const count of countsOf(receipt)) appender.appendBigInt(BigInt(count));
      appender.appendBigInt(BigInt(batch.epoch));
      appender.endRow();
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}

const countsOf = ({ stored, merged, stale, duplicate, replaced }: AppendReceipt): number[] => [
  stored,
  merged,
  stale,
  duplicate,
  replaced,
];

function receiptOf([appendId, stored, merged, stale, duplicate, replaced]: DuckDBValue[]): AppendReceipt {
  if (stored === null) {
    throw new Conflict(
      'append.replaced',
      `Append "${String(appendId)}" was replaced by another before it came; nothing of it was stored.`,
    );
  }
  return {
    appendId: String(appendId),
    stored: Number(stored),
    merged: Number(merged),
    stale: Number(stale),
    duplicate: Number(duplicate),
    replaced: Number(replaced),
  };
}

import { DuckDBConnection } from '@duckdb/node-api';
import { FindRows, FoundRows } from '#libs/contracts/stored-rows';
import { findPlan } from '../find-plan';
import { answerRow } from './answer';
import { KeptDataset } from './catalog';
import { allSql } from './filter-sql';
import { APPEND, quoted, RECEIPTS, ROW } from './identifiers';
import { Parameters } from './parameters';
import { rowsOf } from './transaction';

/** Rows by their key, the newest first, each with the append that stored it. */
export async function findRows(
  connection: DuckDBConnection,
  { id, definition, table }: KeptDataset,
  request: FindRows,
): Promise<FoundRows> {
  const plan = findPlan(definition, request);
  const parameters = new Parameters();
  const columns = plan.columns.map(({ name }) => `stored.${quoted(name)}`);
  const sql = `
    SELECT receipts.append_id, stored.${ROW}, ${columns.join(', ')}
    FROM (SELECT * FROM ${table.sql} WHERE ${allSql(plan.filters, parameters)}) AS stored
    JOIN ${RECEIPTS.sql} AS receipts ON receipts.append_no = stored.${APPEND} AND receipts.dataset_id = ${parameters.add(id)}
    ORDER BY stored.${quoted(definition.time)} DESC LIMIT ${parameters.add(BigInt(request.limit))}`;
  const rows = await rowsOf(connection, sql, parameters.values);
  return {
    columns: [...plan.columns],
    rows: rows.map((row) => answerRow(row.slice(2), plan.columns)),
    origins: rows.map(([appendId, row]) => ({ appendId: String(appendId), row: Number(row) })),
  };
}

import { Client, escapeIdentifier } from 'pg';
import { PostgresSource } from '#libs/documents/sources/postgres';
import { Unprocessable } from '#libs/errors/errors';
import { RECORD_MAX_BYTES } from '#libs/framing/frames';

/** A table as the catalog has it, and how its rows are read. */
export interface TableRead {
  /**
   * One row for each row behind `($1, $2)`, in order: `record` (JSON; null when it is too large to be one), `bytes` (of the
   * record), `cursor` and `tie` (texts).
   */
  readonly after: string;
  /** The same from the beginning; takes no parameters. */
  readonly all: string;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly isUnique: boolean;
}

const COLUMNS = `
  SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
         c.relkind IN ('r', 'p') AS "isTable",
         EXISTS (SELECT 1 FROM pg_index i
                 WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
                   AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum) AS "isUnique"
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY a.attnum`;

/** Types that JSON's numbers would round: they come as texts. */
const EXACT = /^(?:bigint|numeric(?:\(.*\))?|money)$/;

/**
 * Rows of transactions that may still be followed by an earlier one are left for the next pull (rule 5): what a
 * transaction wrote is read once no older transaction is open that writes, so a late commit is never passed by.
 */
const SETTLED = `age(t.xmin) > age((pg_snapshot_xmin(pg_current_snapshot())::text::bigint % 4294967296)::text::xid)`;

/** Throws Unprocessable `pull.refused` for a table or column that is not there, or a cursor that is null somewhere. */
export async function tableRead(client: Client, source: PostgresSource): Promise<TableRead> {
  const table = source.table.split('.').map(escapeIdentifier).join('.');
  const { rows } = await client.query<Column & { isTable: boolean }>(COLUMNS, [table]);
  const columnOf = (name: string): Column => {
    const column = rows.find((one) => one.name === name);
    if (!column)
      throw refused(rows.length === 0 ? `has no table ${source.table}` : `has no column ${source.table}.${name}`);
    return column;
  };
  const chosen = source.columns?.map(columnOf) ?? rows;
  const cursor = columnOf(source.cursor);
  const tie = columnOf(source.tieBreaker);
  if (rows[0]?.isTable !== true) throw refused(`has ${source.table} as something else than a table`);
  if (!tie.isUnique) {
    throw refused(
      `has no unique index on "${tie.name}" alone, so that rows of one cursor value could be passed by. Name the primary key as tieBreaker`,
    );
  }
  for (const { name, nullable } of [cursor, tie]) {
    if (nullable) await expectNoNull(client, table, name);
  }
  const record = chosen.map(({ name, type }) => {
    const column = `t.${escapeIdentifier(name)}`;
    return EXACT.test(type) ? `${column}::text AS ${escapeIdentifier(name)}` : column;
  });
  const [c, k] = [cursor, tie].map(({ name }) => `t.${escapeIdentifier(name)}`);
  const select = `
    SELECT CASE WHEN octet_length(r.record) <= ${RECORD_MAX_BYTES} THEN r.record END AS record,
           octet_length(r.record) AS bytes, ${c}::text AS cursor, ${k}::text AS tie
    FROM ${table} t
    CROSS JOIN LATERAL (SELECT row_to_json(x)::text AS record FROM (SELECT ${record.join(', ')}) x OFFSET 0) r
    WHERE ${SETTLED}`;
  const order = `ORDER BY ${c}, ${k}`;
  return {
    all: `${select} ${order}`,
    after: `${select} AND (${c}, ${k}) > ($1::text::${cursor.type}, $2::text::${tie.type}) ${order}`,
  };
}

async function expectNoNull(client: Client, table: string, name: string): Promise<void> {
  const { rows } = await client.query(`SELECT 1 FROM ${table} t WHERE t.${escapeIdentifier(name)} IS NULL LIMIT 1`);
  if (rows.length > 0) {
    throw refused(`has rows whose "${name}" is null, which no order can reach. Fill it, or choose another column`);
  }
}

const refused = (what: string): Unprocessable => new Unprocessable('pull.refused', `The source's database ${what}.`);

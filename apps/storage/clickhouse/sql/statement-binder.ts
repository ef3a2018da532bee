import { DuckDBConnection, DuckDBInstance, DuckDBIntervalValue, DuckDBType } from '@duckdb/node-api';
import { isDeepStrictEqual } from 'node:util';
import { SqlParameters } from '#libs/contracts/sql';
import { Unprocessable } from '#libs/errors/errors';
import { isTree, serializedStatement, Tree, treeOf } from '../../duckdb/statement-tree';
import { Mutex } from '../../duckdb/mutex';
import { quoted } from '../../duckdb/identifiers';
import { asSqlError, resultColumns } from '../../duckdb/run-sql';
import { rowsOf } from '../../duckdb/transaction';
import { ResultColumn } from '#libs/contracts/query-plan';
import { isInt, SqlType, typeOf, unsupported } from './types';

/** A table that a statement may read: what its columns are called and hold. */
export interface BoundTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: DuckDBType }[];
}

/** What DuckDB makes of a statement: every name found, every type known, every conversion written out. */
export interface BoundStatement {
  readonly plan: Tree;
  readonly columns: readonly ResultColumn[];
  /** Constant texts in the types that the statement reads them as; see {@link constantKey}. */
  readonly constants: ReadonlyMap<string, ReadConstant>;
}

/** A constant as whole numbers: microseconds or days since 1970; an interval as its months, days and microseconds. */
export type ReadConstant = readonly bigint[];

export const constantKey = (type: SqlType, text: string): string => `${type.id}\0${text}`;

const SETTINGS = {
  memory_limit: '64MiB',
  threads: '1',
  temp_directory: '',
  enable_external_access: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
} as const;

/** Where a parameter stands in a serialized statement: no text in it can hold a quote like these, so it is nothing else. */
const PARAMETER =
  /\{"class":"PARAMETER","type":"VALUE_PARAMETER","alias":("(?:[^"\\]|\\.)*"),"query_location":\d+,"identifier":"((?:[^"\\]|\\.)*)"\}/g;

const READERS: Readonly<Record<string, string>> = {
  TIMESTAMP: 'epoch_us(CAST($1 AS TIMESTAMP))',
  'TIMESTAMP WITH TIME ZONE': 'epoch_us(CAST($1 AS TIMESTAMP WITH TIME ZONE))',
  DATE: `date_diff('day', DATE '1970-01-01', CAST($1 AS DATE))`,
  INTERVAL: 'CAST($1 AS INTERVAL)',
  DOUBLE: 'CAST($1 AS DOUBLE)', // only whether it is one
};

/**
 * Reads statements as DuckDB does, without running them: an engine in memory that has the tables and none of their rows.
 * So a name, a type or a conversion means the same on both engines, and what cannot run is said in the same words.
 */
export class StatementBinder {
  private opened?: Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }>;
  private readonly turns = new Mutex();

  /** Throws Unprocessable `sql.invalid` as running the statement on DuckDB would. */
  bind(sql: string, tables: readonly BoundTable[], parameters: SqlParameters): Promise<BoundStatement> {
    return this.turns.run(async () => {
      const { connection } = await (this.opened ??= open());
      await connection.run('BEGIN');
      try {
        for (const { name, columns } of tables) {
          const list = columns.map((column) => `${quoted(column.name)} ${column.type.toString()}`).join(', ');
          await connection.run(`CREATE TABLE ${quoted(name)} (${list})`);
        }
        return await bound(connection, sql, parameters);
      } catch (thrown) {
        throw asSqlError(thrown);
      } finally {
        await connection.run('ROLLBACK').catch(() => undefined);
      }
    });
  }

  async close(): Promise<void> {
    const opened = await this.opened?.catch(() => undefined);
    opened?.connection.closeSync();
    opened?.instance.closeSync();
  }
}

async function open(): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> {
  const instance = await DuckDBInstance.create(':memory:', SETTINGS);
  const connection = await instance.connect();
  // Its optimizer would compute what is constant, however large; here nothing is computed.
  await connection.run("PRAGMA disable_optimizer; SET GLOBAL TimeZone = 'UTC'; SET GLOBAL lock_configuration = true");
  return { instance, connection };
}

async function bound(connection: DuckDBConnection, given: string, parameters: SqlParameters): Promise<BoundStatement> {
  const sql = await withValues(connection, given, parameters);
  const prepared = await connection.prepare(sql);
  const columns = Array.from({ length: prepared.columnCount }, (_, at) => ({
    name: prepared.columnName(at),
    typeId: prepared.columnTypeId(at),
  }));
  prepared.destroySync();
  const [row] = await rowsOf(connection, 'SELECT json_serialize_plan($1::VARCHAR)::VARCHAR', [sql]);
  const { error, error_message: message, plans } = treeOf(String(row?.[0]));
  const [plan, ...more] = Array.isArray(plans) ? (plans as unknown[]) : [];
  if (error !== false) throw new Unprocessable('sql.invalid', `The statement cannot run: ${String(message)}`);
  if (!isTree(plan) || more.length > 0) throw new Unprocessable('sql.refused', 'Send one statement at a time.');
  return { plan, columns: resultColumns(columns), constants: await readConstants(connection, plan) };
}

/** The statement with its parameters' values in their places, as DuckDB itself writes it. */
async function withValues(connection: DuckDBConnection, sql: string, parameters: SqlParameters): Promise<string> {
  const serialized = await serializedStatement(connection, sql);
  if (Object.keys(parameters).length === 0) return sql;
  const filled = serialized.replace(PARAMETER, (_, alias: string, name: string) => {
    const value = parameters[JSON.parse(`"${name}"`) as string];
    return constantNode(alias, value ?? null);
  });
  const [row] = await rowsOf(connection, 'SELECT json_deserialize_sql($1::JSON)::VARCHAR', [filled]);
  const text = String(row?.[0]);
  const [expected] = statementsOf(filled);
  const [written] = statementsOf(await serializedStatement(connection, text));
  if (!isDeepStrictEqual(written, { ...expected, named_param_map: [] })) {
    throw unsupported('a parameter in a statement of this form');
  }
  return text;
}

function statementsOf(serialized: string): Tree[] {
  const { statements } = treeOf(serialized);
  return Array.isArray(statements) ? statements.filter(isTree) : [];
}

/** As the values are bound on DuckDB: whole numbers as HUGEINT. */
function constantNode(alias: string, value: string | number | boolean | null): string {
  const head = `"alias":${alias},"query_location":0`;
  if (value === null) {
    return `{"class":"CONSTANT","type":"VALUE_CONSTANT",${head},"value":{"type":{"id":"NULL","type_info":null},"is_null":true}}`;
  }
  const text = (of: string, inner = '"alias":"","query_location":0'): string =>
    `{"class":"CONSTANT","type":"VALUE_CONSTANT",${inner},"value":{"type":{"id":"VARCHAR","type_info":null},"is_null":false,"value":${JSON.stringify(of)}}}`;
  if (typeof value === 'string') return text(value, head);
  const type = typeof value === 'boolean' ? 'BOOLEAN' : Number.isSafeInteger(value) ? 'HUGEINT' : 'DOUBLE';
  return `{"class":"CAST","type":"OPERATOR_CAST",${head},"child":${text(String(value))},"cast_type":{"id":"${type}","type_info":null},"try_cast":false}`;
}

/** Reads what stands as a text and is meant as a time, a day or an interval. */
async function readConstants(connection: DuckDBConnection, plan: Tree): Promise<Map<string, ReadConstant>> {
  const found = new Map<string, ReadConstant>();
  for (const { type, text } of constantCasts(plan)) {
    const key = constantKey(type, text);
    const reader = isInt(type) ? `CAST(CAST($1 AS ${type.id}) AS HUGEINT)` : READERS[type.id];
    if (reader === undefined || found.has(key)) continue;
    const [row] = await rowsOf(connection, `SELECT ${reader}`, [text]);
    const value = row?.[0];
    if (value instanceof DuckDBIntervalValue) {
      found.set(key, [BigInt(value.months), BigInt(value.days), value.micros]);
    } else if (typeof value === 'bigint') {
      found.set(key, [value]);
    }
  }
  return found;
}

function* constantCasts(value: unknown): Generator<{ readonly type: SqlType; readonly text: string }> {
  if (Array.isArray(value)) for (const item of value) yield* constantCasts(item);
  if (!isTree(value)) return;
  const { expression_class: kind, child } = value;
  if (
    kind === 'BOUND_CAST' &&
    value.try_cast !== true &&
    isTree(child) &&
    isTree(child.value) &&
    typeof child.value.value === 'string'
  ) {
    const type = typeOf(value.return_type);
    if (typeOf(child.value.type).id === 'VARCHAR') yield { type, text: child.value.value };
  }
  for (const child of Object.values(value)) yield* constantCasts(child);
}

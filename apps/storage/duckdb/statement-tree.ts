import { DuckDBConnection } from '@duckdb/node-api';
import { isDeepStrictEqual } from 'node:util';
import { Unprocessable } from '#libs/errors/errors';
import { rowsOf } from './transaction';

export type Tree = Readonly<Record<string, unknown>>;

/** A string of JSON, or a number outside of one. */
const STRING_OR_NUMBER = /("(?:[^"\\]|\\.)*")|-?\d[\d.eE+-]*/g;

/** Places tried for our tables in a statement that has its own; a word in a comment or a text may come first. */
const PLACES_MAX = 8;

/**
 * The statement with common tables (`name AS (...)` each) before its own. Where they go is a guess at the text; whether the
 * guess is right is decided by the engine: it must read what comes out as exactly the tree that it reads in the checked
 * text, with our tables before its own. So no reading of comments, quotes or line ends counts but the engine's.
 * Throws Unprocessable `sql.refused` where there is no such text, or where a table is named with a schema; `sql.invalid`
 * where the statement cannot be read.
 */
export async function withTables(
  connection: DuckDBConnection,
  tables: readonly string[],
  sql: string,
): Promise<string> {
  const statement = onlyStatement(await serializedStatement(connection, sql));
  if (tables.length === 0) return sql;
  const list = tables.join(', ');
  const ours = onlyStatement(await serialized(connection, `WITH ${list} SELECT 1`));
  const own = commonTablesOf(statement);
  const expected = withCommonTables(statement, [...commonTablesOf(ours), ...own]);
  for (const composed of own.length === 0 ? [`WITH ${list}\n${sql}`] : amongOwn(list, sql)) {
    const tree = treeOf(await serialized(connection, composed));
    if (isDeepStrictEqual(tree, { error: false, statements: [expected] })) return composed;
  }
  throw refused(
    'The tables of the project find no place in this statement. Give its own tables other names, and write WITH first, without comments before it.',
  );
}

function amongOwn(list: string, sql: string): string[] {
  const words = [...sql.matchAll(/\bwith\b/gi)].slice(0, PLACES_MAX);
  return words.map(({ index }) => `${sql.slice(0, index)}WITH ${list}, ${sql.slice(index + 'with'.length)}`);
}

const refused = (sentence: string): Unprocessable => new Unprocessable('sql.refused', sentence);

/** The one statement of a text, serialized. Throws as {@link withTables} does where it is none, or reads what is no table. */
export async function serializedStatement(connection: DuckDBConnection, sql: string): Promise<string> {
  if (sql.includes('\0')) throw refused('A statement is well-formed Unicode without NUL.');
  const json = await serialized(connection, sql);
  refuseOutside(onlyStatement(json));
  return json;
}

async function serialized(connection: DuckDBConnection, sql: string): Promise<string> {
  const [row] = await rowsOf(connection, 'SELECT json_serialize_sql($1::VARCHAR)::VARCHAR', [sql]);
  return String(row?.[0]);
}

/** A serialized text without the places in it; numbers as texts, which lose no digit. */
export function treeOf(json: string): Tree {
  const exact = json.replace(STRING_OR_NUMBER, (token, string?: string) => string ?? `"${token}"`);
  const tree: unknown = JSON.parse(exact, (key, value: unknown) => (key === 'query_location' ? undefined : value));
  return isTree(tree) ? tree : {};
}

function onlyStatement(json: string): Tree {
  const tree = treeOf(json);
  if (tree.error !== false) {
    const [reason = ''] = String(tree.error_message).split('\n');
    throw new Unprocessable('sql.invalid', `The statement cannot run: ${reason}`);
  }
  const [only, ...more] = Array.isArray(tree.statements) ? (tree.statements as unknown[]) : [];
  if (!isTree(only) || more.length > 0) throw refused('Send one statement at a time.');
  return only;
}

/** The gate has seen to this; here it is seen to once more, where the data is. */
function refuseOutside(value: unknown): void {
  if (Array.isArray(value)) return value.forEach(refuseOutside);
  if (!isTree(value)) return;
  if (value.type === 'TABLE_FUNCTION' || value.type === 'SHOW_REF')
    throw refused('A statement reads datasets and rollups alone.');
  if (value.type === 'BASE_TABLE' && (isNamed(value.schema_name) || isNamed(value.catalog_name)))
    throw refused('Name datasets and rollups by their name alone, without a schema or a database.');
  Object.values(value).forEach(refuseOutside);
}

function commonTablesOf({ node }: Tree): unknown[] {
  const map = isTree(node) && isTree(node.cte_map) ? node.cte_map.map : undefined;
  return Array.isArray(map) ? (map as unknown[]) : [];
}

function withCommonTables(statement: Tree, map: readonly unknown[]): Tree {
  const node = isTree(statement.node) ? statement.node : {};
  return { ...statement, node: { ...node, cte_map: { map } } };
}

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNamed = (value: unknown): boolean => typeof value === 'string' && value !== '';

import { DuckDBConnection, DuckDBMaterializedResult, DuckDBPreparedStatement, DuckDBValue } from '@duckdb/node-api';

/** Statements that a connection keeps, and how long the text of one may be. */
const KEPT_MAX = 50;
const CHARACTERS_MAX = 10_000;

/**
 * Statements that a connection has read already: asked again, with other values, one is not parsed once more. Whoever
 * uses it has the connection for itself, as every reader has.
 */
class KeptStatements {
  /** The one asked last stands last. */
  private readonly kept = new Map<string, DuckDBPreparedStatement>();

  constructor(private readonly connection: DuckDBConnection) {}

  async run(sql: string, values: readonly DuckDBValue[]): Promise<DuckDBMaterializedResult> {
    const statement = this.kept.get(sql) ?? (await this.connection.prepare(sql));
    this.kept.delete(sql);
    try {
      statement.bind([...values]);
      const result = await statement.run();
      this.keep(sql, statement);
      return result;
    } catch (thrown) {
      statement.destroySync();
      throw thrown;
    }
  }

  private keep(sql: string, statement: DuckDBPreparedStatement): void {
    if (sql.length > CHARACTERS_MAX) return statement.destroySync();
    this.kept.set(sql, statement);
    if (this.kept.size <= KEPT_MAX) return;
    const [oldest] = this.kept;
    if (!oldest) return;
    this.kept.delete(oldest[0]);
    oldest[1].destroySync();
  }
}

const ofConnection = new WeakMap<DuckDBConnection, KeptStatements>();

/** Runs a statement that is likely to be asked again on this connection; its text holds nothing but what stays alike. */
export function runKept(
  connection: DuckDBConnection,
  sql: string,
  values: readonly DuckDBValue[] = [],
): Promise<DuckDBMaterializedResult> {
  let statements = ofConnection.get(connection);
  if (!statements) ofConnection.set(connection, (statements = new KeptStatements(connection)));
  return statements.run(sql, values);
}

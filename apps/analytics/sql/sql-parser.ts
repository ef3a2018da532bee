import { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { Injectable, OnApplicationShutdown } from '@nestjs/common';
import { refused } from './sql-gate';

const SETTINGS = {
  memory_limit: '64MiB',
  threads: '1',
  temp_directory: '',
  enable_external_access: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  lock_configuration: 'true',
} as const;

/** Reads SQL into the tree that the gate checks. An engine in memory without data, files or a way out; it runs nothing. */
@Injectable()
export class SqlParser implements OnApplicationShutdown {
  private opened?: Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }>;

  /** The statements of a text as the parser's own tree. Throws Unprocessable `sql.refused` when it cannot be read at all. */
  async parse(sql: string): Promise<unknown> {
    const { connection } = await (this.opened ??= open());
    try {
      const result = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
      return JSON.parse(String(result.getRows()[0]?.[0])) as unknown;
    } catch (thrown) {
      const reason = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : '';
      throw refused(`This is not SQL that can be read: ${reason}`, thrown);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    const opened = await this.opened;
    opened?.connection.closeSync();
    opened?.instance.closeSync();
  }
}

async function open(): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> {
  const instance = await DuckDBInstance.create(':memory:', SETTINGS);
  return { instance, connection: await instance.connect() };
}

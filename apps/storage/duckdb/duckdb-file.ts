import { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { copyTree } from '#libs/backup/copy-tree';
import { CATALOG_SCHEMA, DATASETS, DIRTY, RECEIPTS, REMOVALS, ROLLUPS } from './identifiers';
import { asChartlyError } from './duckdb-errors';

export interface DuckDbOptions {
  /** The folder of the file; it is made when it is missing. */
  readonly folder: string;
  /** Unit: bytes. */
  readonly memoryLimit: number;
  /** What one statement of a user may take beside that; 512 MiB when left out. Unit: bytes. */
  readonly sqlMemory?: number;
  /** How many queries run at a time; more wait. */
  readonly readers?: number;
  /** Free space that nothing which adds may take; none when left out. Unit: bytes. */
  readonly diskReserve?: number;
}

const FILE = 'events.duckdb';
/** How large the log grows before it is folded into the file: a restart replays at most so much. */
const CHECKPOINT_THRESHOLD = '64MiB';

const CATALOG = `
  CREATE SCHEMA IF NOT EXISTS ${CATALOG_SCHEMA};
  CREATE TABLE IF NOT EXISTS ${DATASETS.sql} (id INTEGER, project VARCHAR, dataset VARCHAR, definition VARCHAR, kept_from BIGINT);
  CREATE TABLE IF NOT EXISTS ${ROLLUPS.sql} (id INTEGER, dataset_id INTEGER, name VARCHAR, definition VARCHAR);
  CREATE TABLE IF NOT EXISTS ${RECEIPTS.sql} (
    dataset_id INTEGER, append_id VARCHAR, append_no BIGINT,
    stored BIGINT, merged BIGINT, stale BIGINT, duplicate BIGINT, replaced BIGINT, epoch BIGINT
  );
  CREATE TABLE IF NOT EXISTS ${REMOVALS.sql} (dataset_id INTEGER, kind VARCHAR, removed BIGINT, removed_at TIMESTAMP, cause VARCHAR);
  CREATE TABLE IF NOT EXISTS ${DIRTY.sql} (rollup_id INTEGER, bucket BIGINT);
`;

/** The one open event file and its connections. */
export class DuckDbFile {
  private readonly connections: DuckDBConnection[] = [];

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly folder: string,
  ) {}

  /** Throws Unavailable `storage.held` when another process has the file. */
  static async open({ folder, memoryLimit }: DuckDbOptions): Promise<DuckDbFile> {
    const temporary = join(folder, 'tmp');
    await mkdir(temporary, { recursive: true });
    try {
      const instance = await DuckDBInstance.create(join(folder, FILE), {
        memory_limit: `${Math.floor(memoryLimit / 2 ** 20)}MiB`,
        temp_directory: temporary,
        threads: String(availableParallelism()),
        checkpoint_threshold: CHECKPOINT_THRESHOLD,
        preserve_insertion_order: 'false',
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
        // Whatever statement gets this far: no file but its own and the temporary ones, no network.
        enable_external_access: 'false',
      });
      const file = new DuckDbFile(instance, folder);
      const connection = await file.connect();
      await connection.run(CATALOG);
      // An append is small beside what the engine parts among threads: that would take twice the processor's time.
      await connection.run('SET SESSION preserve_insertion_order = true');
      // Whatever the machine's is, "today" is the same in every statement; from here on nothing can be set any more.
      await connection.run("SET GLOBAL TimeZone = 'UTC'; SET GLOBAL lock_configuration = true");
      return file;
    } catch (thrown) {
      throw asChartlyError(thrown, 'opening it');
    }
  }

  /** The connection that is made for writing. */
  get writer(): DuckDBConnection {
    return this.connections[0]!; // made when the file was opened
  }

  async connect(): Promise<DuckDBConnection> {
    const connection = await this.instance.connect();
    this.connections.push(connection);
    return connection;
  }

  /** Copies the file and its log; call it while nothing is written. */
  copyTo(folder: string): Promise<void> {
    return copyTree(this.folder, folder, (path) => path.startsWith('tmp'));
  }

  /** Folds the log into the file and lets go of it. */
  async close(): Promise<void> {
    try {
      await this.connections[0]?.run('CHECKPOINT');
    } catch {
      // What is committed is in the log, and the next start replays it.
    } finally {
      for (const connection of this.connections) connection.closeSync();
      this.instance.closeSync();
    }
  }
}

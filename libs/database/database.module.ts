import { DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Unavailable } from '#libs/errors/errors';
import { databaseMetricProviders, DatabaseMetrics } from './database-metrics';

const VERSION_MIN = 150_000;
const STATEMENT_TIMEOUT_MS = 60_000;
const LOCK_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 10_000;

interface DatabaseOptions {
  readonly url: string;
  readonly poolMax: number;
  readonly applicationName: string;
}

/** The process's one connection pool, which every hosted service brings its entities to. */
@Module({})
export class DatabaseModule {
  static forRoot({ url, poolMax, applicationName }: DatabaseOptions): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [DatabaseMetrics, ...databaseMetricProviders],
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({
            type: 'postgres',
            url,
            autoLoadEntities: true,
            synchronize: false,
            retryAttempts: 20,
            retryDelay: 500,
            applicationName,
            poolErrorHandler: () => undefined, // a lost idle connection is replaced; one in use reports to its caller
            extra: {
              max: poolMax,
              connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
              keepAlive: true,
              query_timeout: STATEMENT_TIMEOUT_MS + 5_000,
              statement_timeout: STATEMENT_TIMEOUT_MS,
              lock_timeout: LOCK_TIMEOUT_MS,
              idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
            },
          }),
        }),
      ],
    };
  }
}

/** Rule 1: refuses a database that may lose what it has acknowledged, or that is too old. */
export async function assertDurable(database: DataSource): Promise<void> {
  const [row] = await database.query<{ version: string; fsync: string; commit: string }[]>(
    `SELECT current_setting('server_version_num') AS version, current_setting('fsync') AS fsync,
            current_setting('synchronous_commit') AS commit`,
  );
  if (Number(row?.version) < VERSION_MIN) {
    throw new Unavailable('database.too_old', `Postgres ${row?.version} is too old: Chartly needs 15 or newer.`);
  }
  if (row?.fsync === 'off' || row?.commit === 'off') {
    throw new Unavailable(
      'database.not_durable',
      `Postgres runs with fsync=${row.fsync} and synchronous_commit=${row.commit}: an acknowledged event could be lost. Turn both on.`,
    );
  }
}

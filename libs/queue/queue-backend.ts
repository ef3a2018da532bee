import {
  createPostgresBackend,
  PostgresPoolConfig,
  Processor,
  Queue,
  runMigrations,
  Worker,
  WorkerOptions,
} from 'bullmq';
import { Client, escapeIdentifier } from 'pg';
import { openSchema, roleOf } from '#libs/database/migrations';

/** Where jobs lie: in Redis when its URL is given, in the process's Postgres otherwise. */
export interface QueueOptions {
  readonly databaseUrl: string;
  readonly redisUrl?: string;
}

const SCHEMA = 'bullmq';
/** Five queues at BullMQ's default would hold 40 connections. */
const POOL_MAX = 2;
/** A dropped LISTEN or a lost wake-up costs at most this. Unit: seconds. */
const POLL_S = 2;
const COMMAND_TIMEOUT_MS = 5_000;

type WorkerTuning = Pick<WorkerOptions, 'concurrency' | 'lockDuration' | 'stalledInterval' | 'maxStalledCount'>;

/** Opens queues and workers on one of the two backends; nothing else knows which it is. */
export class QueueBackend {
  constructor(private readonly options: QueueOptions) {}

  get name(): 'redis' | 'postgres' {
    return this.options.redisUrl === undefined ? 'postgres' : 'redis';
  }

  openQueue(name: string): Queue {
    const { redisUrl } = this.options;
    if (redisUrl === undefined)
      return new Queue(name, { connection: this.postgres() }, createPostgresBackend) as unknown as Queue; // its backend's type differs
    // A producer answers a person: an away Redis is told at once and not waited for.
    const connection = {
      url: redisUrl,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      commandTimeout: COMMAND_TIMEOUT_MS,
    };
    return new Queue(name, { connection });
  }

  openWorker(name: string, processor: Processor, tuning: WorkerTuning): Worker {
    const { redisUrl } = this.options;
    const options = { ...tuning, drainDelay: POLL_S, autorun: false };
    if (redisUrl === undefined) {
      return new Worker(
        name,
        processor,
        { ...options, connection: this.postgres() },
        createPostgresBackend,
      ) as unknown as Worker; // as above
    }
    return new Worker(name, processor, { ...options, connection: { url: redisUrl, maxRetriesPerRequest: null } });
  }

  private postgres(): PostgresPoolConfig {
    return { connectionString: this.options.databaseUrl, schema: SCHEMA, max: POOL_MAX, skipMigrations: true };
  }
}

interface MigrateOptions {
  /** The database as the role that owns it. */
  readonly ownerUrl: string;
  /** The same database as the role that the services use. */
  readonly appUrl: string;
}

/** Brings the queue's own tables in Postgres up to date. */
export async function migrateQueue({ ownerUrl, appUrl }: MigrateOptions): Promise<void> {
  await openSchema(ownerUrl, roleOf(appUrl), SCHEMA);
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    // BullMQ makes objects of its own while it runs.
    await client.query(`GRANT ALL ON SCHEMA ${SCHEMA} TO ${escapeIdentifier(roleOf(appUrl))}`);
    await runMigrations(client, SCHEMA);
  } finally {
    await client.end();
  }
}

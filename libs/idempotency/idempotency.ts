import { BeforeApplicationShutdown, DynamicModule, Module, OnApplicationBootstrap } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Conflict, Unprocessable } from '#libs/errors/errors';
import { Periodic } from '#libs/queue/periodic';
import { currentCall } from '#libs/transport/call-context';

/** Rule 7: how long a reply is kept. */
const KEPT = `interval '72 hours'`;
const SWEEP_MS = 3_600_000;
const RETRY_AFTER_MS = 1_000;

/** The statement that makes a schema's table of replies; it belongs into a migration of the service. */
export const idempotencyTableSql = (schema: string): string => `
  CREATE TABLE ${schema}.idempotency (
    scope      text NOT NULL,
    key        text NOT NULL,
    digest     text NOT NULL,
    reply      jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (scope, key)
  )`;

/**
 * What callers may send again under one `Idempotency-Key`. The reply commits with the change that it tells of, so that
 * there is never one without the other, and a failure leaves nothing behind.
 */
export class Idempotency {
  constructor(readonly schema: string) {}

  /**
   * Does `work` the first time that the current call's key comes, and gives the first reply every other time. `tx` is
   * the transaction of the change. Without a key it just does the work. Throws Conflict `idempotency.in_flight` while
   * the first is under way, Unprocessable `idempotency.other_body` when the key stood for another request.
   */
  async once<T extends object>(tx: EntityManager, work: () => Promise<T>): Promise<T> {
    const { idempotency } = currentCall();
    if (!idempotency) return work();
    const { scope, key, digest } = idempotency;
    const [lock] = await tx.query<{ taken: boolean }[]>(
      `SELECT pg_try_advisory_xact_lock(hashtextextended($1 || '.idempotency/' || $2 || ' ' || $3, 0)) AS taken`,
      [this.schema, scope, key],
    );
    if (!lock?.taken) {
      throw new Conflict(
        'idempotency.in_flight',
        'A request with this Idempotency-Key is still being answered. Wait for it, or ask again shortly.',
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
    const [kept] = await tx.query<{ digest: string; reply: T }[]>(
      `SELECT digest, reply FROM ${this.schema}.idempotency WHERE scope = $1 AND key = $2`,
      [scope, key],
    );
    if (kept && kept.digest !== digest) {
      throw new Unprocessable(
        'idempotency.other_body',
        'This Idempotency-Key stood for another request body. Take a new key for a new request.',
      );
    }
    if (kept) return kept.reply;
    const reply = await work();
    await tx.query(`INSERT INTO ${this.schema}.idempotency (scope, key, digest, reply) VALUES ($1, $2, $3, $4)`, [
      scope,
      key,
      digest,
      JSON.stringify(reply),
    ]);
    return reply;
  }

  /** Forgets what was kept long enough. */
  async sweep(database: DataSource): Promise<void> {
    await database.query(`DELETE FROM ${this.schema}.idempotency WHERE created_at < clock_timestamp() - ${KEPT}`);
  }
}

class Sweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly rounds: Periodic;

  constructor(database: DataSource, idempotency: Idempotency) {
    this.rounds = new Periodic(`Idempotency:${idempotency.schema}`, SWEEP_MS, () => idempotency.sweep(database));
  }

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }
}

/** Idempotency of the service that owns `schema`. */
@Module({})
export class IdempotencyModule {
  static forSchema(schema: string): DynamicModule {
    const idempotency = new Idempotency(schema);
    return {
      module: IdempotencyModule,
      providers: [
        { provide: Idempotency, useValue: idempotency },
        {
          provide: Sweep,
          inject: [DataSource],
          useFactory: (database: DataSource) => new Sweep(database, idempotency),
        },
      ],
      exports: [Idempotency],
    };
  }
}

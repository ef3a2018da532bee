import { BeforeApplicationShutdown, DynamicModule, Module, OnApplicationBootstrap, OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ChartlyConfig } from '#libs/config/config';
import { Periodic } from '#libs/queue/periodic';
import { Idempotency } from './idempotency';
import { slowDigest } from './slow-digest';

const SWEEP_MS = 3_600_000;

class Sweep implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly rounds: Periodic;

  constructor(
    private readonly config: ChartlyConfig,
    private readonly database: DataSource,
    private readonly idempotency: Idempotency,
  ) {
    this.rounds = new Periodic(`Idempotency:${idempotency.schema}`, SWEEP_MS, () => idempotency.sweep(database));
  }

  async onModuleInit(): Promise<void> {
    if (this.config.hostsAll) await this.idempotency.reclaim(this.database);
  }

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }
}

/** Idempotency of the service that owns `schema`, which keeps its replies in `table`. */
@Module({})
export class IdempotencyModule {
  static forSchema(schema: string, table?: string): DynamicModule {
    return IdempotencyModule.of(new Idempotency(schema, table));
  }

  /** For a service whose requests hold what people could guess, like passwords. */
  static forSecretsIn(schema: string): DynamicModule {
    return IdempotencyModule.of(new Idempotency(schema, undefined, slowDigest));
  }

  private static of(idempotency: Idempotency): DynamicModule {
    return {
      module: IdempotencyModule,
      providers: [
        { provide: Idempotency, useValue: idempotency },
        {
          provide: Sweep,
          inject: [ChartlyConfig, DataSource],
          useFactory: (config: ChartlyConfig, database: DataSource) => new Sweep(config, database, idempotency),
        },
      ],
      exports: [Idempotency],
    };
  }
}

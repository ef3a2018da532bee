import { Injectable, OnModuleInit } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { Pool } from 'pg';
import { Gauge, Histogram } from 'prom-client';
import { DataSource, EntitySubscriberInterface } from 'typeorm';
import { askedOnScrape } from '#libs/telemetry/on-scrape';

const CONNECTIONS = 'chartly_database_connections';
const QUERY_SECONDS = 'chartly_database_query_seconds';

export const databaseMetricProviders = [
  makeGaugeProvider({
    name: CONNECTIONS,
    help: 'Connections of the pool to Postgres: open, idle among them, and requests waiting for one.',
    labelNames: ['state'],
  }),
  makeHistogramProvider({
    name: QUERY_SECONDS,
    help: 'Time of a statement in Postgres, by how it ended: "ok" or "failed".',
    labelNames: ['outcome'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
  }),
];

/** What TypeORM tells of a statement that has ended. */
type AfterQuery = Parameters<NonNullable<EntitySubscriberInterface['afterQuery']>>[0];

/** Meters the process's pool and every statement that goes through it. */
@Injectable()
export class DatabaseMetrics implements OnModuleInit, EntitySubscriberInterface {
  constructor(
    private readonly database: DataSource,
    @InjectMetric(CONNECTIONS) private readonly connections: Gauge,
    @InjectMetric(QUERY_SECONDS) private readonly seconds: Histogram,
  ) {}

  onModuleInit(): void {
    this.database.subscribers.push(this);
    askedOnScrape(this.connections, () => {
      const pool: unknown = Reflect.get(this.database.driver, 'master');
      if (!(pool instanceof Pool)) return;
      this.connections.set({ state: 'open' }, pool.totalCount);
      this.connections.set({ state: 'idle' }, pool.idleCount);
      this.connections.set({ state: 'waiting' }, pool.waitingCount);
    });
  }

  afterQuery({ success, executionTime }: Pick<AfterQuery, 'success' | 'executionTime'>): void {
    if (executionTime !== undefined)
      this.seconds.observe({ outcome: success ? 'ok' : 'failed' }, executionTime / 1_000);
  }
}

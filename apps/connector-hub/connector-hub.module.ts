import { Module, OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrailModule } from '#libs/audit-trail/audit-trail';
import { ClockModule } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import { ObjectsModule } from '#libs/objects/objects.module';
import { SecretsModule } from '#libs/secrets/secrets';
import { IdempotencyModule } from '#libs/idempotency/idempotency.module';
import { serve } from '#libs/transport/serve';
import { ConnectorHubService } from './connector-hub.service';
import { AllowList } from '#libs/egress/allow-list';
import { EgressGuard } from '#libs/egress/egress-guard';
import { BodyLimits, INFLATION_MAX } from '#libs/egress/read-body';
import { Archive } from './archive/archive';
import { Mover } from './archive/mover';
import { Resealer } from './archive/resealer';
import { Retention } from './archive/retention';
import { Segments } from './archive/segments';
import { Amendments } from './inbox/amendments';
import { Hooks } from './hooks/hooks';
import { Backlog } from './inbox/backlog';
import { Dispatcher } from './inbox/dispatcher';
import { StoredBatches } from './inbox/stored-batches';
import { Inbox } from './inbox/inbox';
import { inboxMetricProviders, InboxMetrics } from './inbox/inbox-metrics';
import { Outcomes } from './inbox/outcomes';
import { Partitions } from './inbox/partitions';
import { Sweeper } from './inbox/sweeper';
import { Checkpoints } from './pull/checkpoints';
import { Drifts } from './pull/drifts';
import { Previewer } from './pull/previewer';
import { RawHistory } from './replay/raw-history';
import { RecentHistory } from './replay/recent-history';
import { Replayer } from './replay/replayer';
import { Puller } from './pull/puller';
import { Asker } from './sources/http/asker';
import { Credentials } from './sources/http/credentials';
import { FeedReader } from './sources/feed/feed-reader';
import { FileReader } from './sources/file/file-reader';
import { HttpReader } from './sources/http/http-reader';
import { MqttReader } from './sources/mqtt/mqtt-reader';
import { NatsReader } from './sources/nats/nats-reader';
import { PostgresReader } from './sources/postgres/postgres-reader';
import { PrometheusReader } from './sources/prometheus/prometheus-reader';
import { RedisReader } from './sources/redis/redis-reader';
import { OAuthTokens } from './sources/http/oauth-tokens';
import { InstalledSources } from './sources/installed-sources';
import { SourceReaders } from './sources/source-readers';

/** What the operator lets an answer cost. */
const limitsOf = (config: ChartlyConfig): BodyLimits => ({
  timeoutMs: config.egressTimeoutMs,
  wireMax: config.egressMaxBytes,
  decodedMax: config.egressInflatedMaxBytes,
  ratioMax: INFLATION_MAX,
});

/** What a process that is the whole system was at when it ended is nobody's now: no lease need run out first. */
const RECLAIM = `UPDATE connector_hub.batches SET lease_until = clock_timestamp() WHERE status = 'pending'`;
const RECLAIM_PULLS = `UPDATE connector_hub.checkpoints SET lease_until = '-infinity'`;

/** Takes data in: pushes and pulls, the inbox, and the outcome of every batch. */
@Module({
  imports: [
    ClockModule,
    AuditTrailModule.forSchema('connector_hub'),
    IdempotencyModule.forSchema('connector_hub', 'idempotency_replies'),
    ObjectsModule,
    SecretsModule,
  ],
  providers: [
    ...serve(ConnectorHubContract, ConnectorHubService),
    InstalledSources,
    Hooks,
    Segments,
    Partitions,
    Inbox,
    StoredBatches,
    Outcomes,
    Amendments,
    Backlog,
    InboxMetrics,
    ...inboxMetricProviders,
    Dispatcher,
    Sweeper,
    Mover,
    Resealer,
    Retention,
    Archive,
    RawHistory,
    RecentHistory,
    Replayer,
    {
      provide: EgressGuard,
      useFactory: (config: ChartlyConfig) => new EgressGuard(AllowList.parse(config.egressAllow), limitsOf(config)),
      inject: [ChartlyConfig],
    },
    OAuthTokens,
    Credentials,
    Asker,
    HttpReader,
    FeedReader,
    PostgresReader,
    PrometheusReader,
    RedisReader,
    NatsReader,
    MqttReader,
    FileReader,
    SourceReaders,
    Checkpoints,
    Drifts,
    Puller,
    Previewer,
  ],
})
export class ConnectorHubModule implements OnModuleInit {
  constructor(
    private readonly config: ChartlyConfig,
    private readonly database: DataSource,
  ) {}

  async onModuleInit(): Promise<void> {
    if (!this.config.hostsAll) return;
    await this.database.query(RECLAIM);
    await this.database.query(RECLAIM_PULLS);
  }
}

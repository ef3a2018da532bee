import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Clock, ClockModule } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { AskedAbout } from './access/asked-about';
import { Authorization } from './access/authorization';
import { Callers } from './access/callers';
import { denialMetrics, Denials } from './access/denials';
import { principalMetrics, Principals } from './access/principals';
import { ResourceLabels } from './access/resource-of';
import { RouteCheck } from './access/route-check';
import { Answers } from './door/answers';
import { Door } from './door/door';
import { RoutePlans } from './door/route-plans';
import { Admission, admissionMetrics } from './limits/admission';
import { LimitStore } from './limits/limit-store';
import { Limits } from './limits/limits';
import { MemoryLimits } from './limits/memory-limits';
import { RedisLimits } from './limits/redis-limits';
import { RoutePolicies } from './limits/route-policy';
import { AccessController } from './routes/access.controller';
import { AccountsController } from './routes/accounts.controller';
import { AuditController } from './routes/audit.controller';
import { AuditStreamController } from './routes/audit-stream.controller';
import { DriftController } from './routes/drift.controller';
import { QuarantineController } from './routes/quarantine.controller';
import { BackupsController } from './routes/backups.controller';
import { DatasetsController } from './routes/datasets.controller';
import { ArchivesController } from './routes/archives.controller';
import { ExportsController } from './routes/exports.controller';
import { DocumentsController } from './routes/documents.controller';
import { EventsController } from './routes/events.controller';
import { HooksController } from './routes/hooks.controller';
import { KeysController } from './routes/keys.controller';
import { LedgerController } from './routes/ledger.controller';
import { LoginController } from './routes/login.controller';
import { MeController } from './routes/me.controller';
import { OtlpByHeaderController, OtlpController } from './routes/otlp.controller';
import { RemoteWriteController } from './routes/remote-write.controller';
import { ProjectRolesController, RolesController } from './routes/roles.controller';
import { PreviewController } from './routes/preview.controller';
import { PrometheusController } from './routes/prometheus.controller';
import { QueryController } from './routes/query.controller';
import { RollupsController } from './routes/rollups.controller';
import { RoutesController } from './routes/routes.controller';
import { ReplaysController } from './routes/replays.controller';
import { SavedQueriesController } from './routes/saved-queries.controller';
import { LineageController } from './routes/lineage.controller';
import { RunsController } from './routes/runs.controller';
import { ScimController } from './routes/scim.controller';
import { SecretsController } from './routes/secrets.controller';
import { UsersController } from './routes/users.controller';
import { AuditHeads } from './streams/audit-heads';
import { AuditStream } from './streams/audit-stream';
import { WatchedStreams } from './streams/watched-streams';
import { AuditPageController } from './audit-page/audit-page.controller';
import { SetupController } from './setup-page/setup.controller';

/** The front door: the public REST API over the contracts of the other services. */
@Module({
  imports: [ClockModule, DiscoveryModule],
  controllers: [
    DocumentsController,
    EventsController,
    HooksController,
    PreviewController,
    OtlpController,
    OtlpByHeaderController,
    RemoteWriteController,
    RunsController,
    LineageController,
    ReplaysController,
    RoutesController,
    QueryController,
    PrometheusController,
    RollupsController,
    DriftController,
    QuarantineController,
    SavedQueriesController,
    BackupsController,
    DatasetsController,
    ExportsController,
    ArchivesController,
    LedgerController,
    AuditController,
    AuditStreamController,
    KeysController,
    LoginController,
    MeController,
    UsersController,
    ScimController,
    AccountsController,
    RolesController,
    ProjectRolesController,
    AccessController,
    SecretsController,
    AuditPageController,
    SetupController,
  ],
  providers: [
    Principals,
    ...principalMetrics,
    Denials,
    ...denialMetrics,
    AskedAbout,
    AuditHeads,
    AuditStream,
    WatchedStreams,
    Callers,
    Authorization,
    RouteCheck,
    ResourceLabels,
    RoutePlans,
    Door,
    Answers,
    RoutePolicies,
    Limits,
    Admission,
    ...admissionMetrics,
    {
      provide: LimitStore,
      inject: [ChartlyConfig, Clock],
      useFactory: ({ redisUrl }: ChartlyConfig, clock: Clock): LimitStore =>
        redisUrl === undefined ? new MemoryLimits(clock) : new RedisLimits(redisUrl, new MemoryLimits(clock)),
    },
  ],
})
export class GatewayModule {}

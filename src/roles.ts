import { Type } from '@nestjs/common';
import { ServiceName } from '#libs/contracts/contract';
import { ServiceMigrations } from '#libs/database/migrations';

/** What a role brings into a process. */
export interface Role {
  readonly module: Type;
  /** The tables that it owns; none for a service that keeps nothing in Postgres. */
  readonly migrations?: ServiceMigrations;
}

/**
 * The table of roles: nothing else decides what a process hosts. Each is loaded only where it is hosted, so that a
 * process starts with what it needs.
 */
export const ROLES: Readonly<Record<ServiceName, () => Promise<Role>>> = {
  gateway: async () => ({ module: (await import('#apps/gateway/gateway.module')).GatewayModule }),
  orchestrator: async () => ({
    module: (await import('#apps/orchestrator/orchestrator.module')).OrchestratorModule,
    migrations: (await import('#apps/orchestrator/orchestrator.migrations')).orchestratorMigrations,
  }),
  'connector-hub': async () => ({
    module: (await import('#apps/connector-hub/connector-hub.module')).ConnectorHubModule,
    migrations: (await import('#apps/connector-hub/connector-hub.migrations')).connectorHubMigrations,
  }),
  normalizer: async () => ({
    module: (await import('#apps/normalizer/normalizer.module')).NormalizerModule,
    migrations: (await import('#apps/normalizer/normalizer.migrations')).normalizerMigrations,
  }),
  storage: async () => ({
    module: (await import('#apps/storage/storage.module')).StorageModule,
    migrations: (await import('#apps/storage/storage.migrations')).storageMigrations,
  }),
  analytics: async () => ({
    module: (await import('#apps/analytics/analytics.module')).AnalyticsModule,
    migrations: (await import('#apps/analytics/analytics.migrations')).analyticsMigrations,
  }),
  audit: async () => ({
    module: (await import('#apps/audit/audit.module')).AuditModule,
    migrations: (await import('#apps/audit/audit.migrations')).auditMigrations,
  }),
  auth: async () => ({
    module: (await import('#apps/auth/auth.module')).AuthModule,
    migrations: (await import('#apps/auth/auth.migrations')).authMigrations,
  }),
  observer: async () => ({
    module: (await import('#apps/observer/observer.module')).ObserverModule,
    migrations: (await import('#apps/observer/observer.migrations')).observerMigrations,
  }),
};

/** The roles of the given services, loaded. */
export function loadRoles(services: Iterable<ServiceName>): Promise<Role[]> {
  return Promise.all([...services].map((service) => ROLES[service]()));
}

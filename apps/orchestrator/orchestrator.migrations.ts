import { ServiceMigrations } from '#libs/database/migrations';
import { OrchestratorInit1 } from './migrations/1-init';
import { OrchestratorFirstVersion2 } from './migrations/2-first-version';
import { OrchestratorIdempotency3 } from './migrations/3-idempotency';
import { OrchestratorReplays4 } from './migrations/4-replays';
import { OrchestratorIdempotencyClaims5 } from './migrations/5-idempotency-claims';

export const orchestratorMigrations: ServiceMigrations = {
  schema: 'orchestrator',
  migrations: [
    OrchestratorInit1,
    OrchestratorFirstVersion2,
    OrchestratorIdempotency3,
    OrchestratorReplays4,
    OrchestratorIdempotencyClaims5,
  ],
};

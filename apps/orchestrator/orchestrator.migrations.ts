import { ServiceMigrations } from '#libs/database/migrations';
import { OrchestratorInit1 } from './migrations/1-init';

export const orchestratorMigrations: ServiceMigrations = { schema: 'orchestrator', migrations: [OrchestratorInit1] };

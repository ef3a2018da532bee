import { ServiceMigrations } from '#libs/database/migrations';
import { AuditInit1 } from './migrations/1-init';

export const auditMigrations: ServiceMigrations = { schema: 'audit', migrations: [AuditInit1] };

import { ServiceMigrations } from '#libs/database/migrations';
import { AuditInit1 } from './migrations/1-init';
import { AuditTiles2 } from './migrations/2-tiles';

export const auditMigrations: ServiceMigrations = { schema: 'audit', migrations: [AuditInit1, AuditTiles2] };

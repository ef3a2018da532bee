import { ServiceMigrations } from '#libs/database/migrations';
import { AuditCosignatures4 } from './migrations/4-cosignatures';
import { AuditForwarded5 } from './migrations/5-forwarded';
import { AuditHandovers6 } from './migrations/6-handovers';
import { AuditInit1 } from './migrations/1-init';
import { AuditSealedEntries8 } from './migrations/8-sealed-entries';
import { AuditSeals7 } from './migrations/7-seals';
import { AuditTiles2 } from './migrations/2-tiles';
import { AuditFacetsAndPersonalData3 } from './migrations/3-facets-and-personal-data';
import { AuditIdempotency9 } from './migrations/9-idempotency';

export const auditMigrations: ServiceMigrations = {
  schema: 'audit',
  migrations: [
    AuditInit1,
    AuditTiles2,
    AuditFacetsAndPersonalData3,
    AuditCosignatures4,
    AuditForwarded5,
    AuditHandovers6,
    AuditSeals7,
    AuditSealedEntries8,
    AuditIdempotency9,
  ],
};

import { ServiceMigrations } from '#libs/database/migrations';
import { NormalizerInit1 } from './migrations/1-init';
import { NormalizerRedactionKeys2 } from './migrations/2-redaction-keys';
import { NormalizerQuarantineTasks3 } from './migrations/3-quarantine-tasks';
import { NormalizerAttemptsByGeneration4 } from './migrations/4-attempts-by-generation';
import { NormalizerIdempotency5 } from './migrations/5-idempotency';

export const normalizerMigrations: ServiceMigrations = {
  schema: 'normalizer',
  migrations: [
    NormalizerInit1,
    NormalizerRedactionKeys2,
    NormalizerQuarantineTasks3,
    NormalizerAttemptsByGeneration4,
    NormalizerIdempotency5,
  ],
};

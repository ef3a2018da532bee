import { ServiceMigrations } from '#libs/database/migrations';
import { AuthInit1 } from './migrations/1-init';
import { AuthAccess3 } from './migrations/3-access';
import { AuthSessions4 } from './migrations/4-sessions';
import { AuthIdempotency5 } from './migrations/5-idempotency';
import { AuthSecrets2 } from './migrations/2-secrets';
import { AuthIdempotencyClaims6 } from './migrations/6-idempotency-claims';

export const authMigrations: ServiceMigrations = {
  schema: 'auth',
  migrations: [AuthInit1, AuthSecrets2, AuthAccess3, AuthSessions4, AuthIdempotency5, AuthIdempotencyClaims6],
};

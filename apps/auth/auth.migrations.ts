import { ServiceMigrations } from '#libs/database/migrations';
import { AuthInit1 } from './migrations/1-init';
import { AuthAccess3 } from './migrations/3-access';
import { AuthSecrets2 } from './migrations/2-secrets';

export const authMigrations: ServiceMigrations = { schema: 'auth', migrations: [AuthInit1, AuthSecrets2, AuthAccess3] };

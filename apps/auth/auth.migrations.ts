import { ServiceMigrations } from '#libs/database/migrations';
import { AuthInit1 } from './migrations/1-init';
import { AuthSecrets2 } from './migrations/2-secrets';

export const authMigrations: ServiceMigrations = { schema: 'auth', migrations: [AuthInit1, AuthSecrets2] };

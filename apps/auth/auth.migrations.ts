import { ServiceMigrations } from '#libs/database/migrations';
import { AuthInit1 } from './migrations/1-init';

export const authMigrations: ServiceMigrations = { schema: 'auth', migrations: [AuthInit1] };

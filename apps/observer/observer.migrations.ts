import { ServiceMigrations } from '#libs/database/migrations';
import { ObserverInit1 } from './migrations/1-init';

export const observerMigrations: ServiceMigrations = { schema: 'observer', migrations: [ObserverInit1] };

import { ServiceMigrations } from '#libs/database/migrations';
import { AnalyticsInit1 } from './migrations/1-init';

export const analyticsMigrations: ServiceMigrations = { schema: 'analytics', migrations: [AnalyticsInit1] };

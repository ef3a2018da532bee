import { ServiceMigrations } from '#libs/database/migrations';
import { AnalyticsInit1 } from './migrations/1-init';
import { SavedQueries2 } from './migrations/2-saved-queries';

export const analyticsMigrations: ServiceMigrations = {
  schema: 'analytics',
  migrations: [AnalyticsInit1, SavedQueries2],
};

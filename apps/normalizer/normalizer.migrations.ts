import { ServiceMigrations } from '#libs/database/migrations';
import { NormalizerInit1 } from './migrations/1-init';

export const normalizerMigrations: ServiceMigrations = { schema: 'normalizer', migrations: [NormalizerInit1] };

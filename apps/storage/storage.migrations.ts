import { ServiceMigrations } from '#libs/database/migrations';
import { StorageClickHouseBooks1 } from './migrations/1-clickhouse-books';

export const storageMigrations: ServiceMigrations = { schema: 'storage', migrations: [StorageClickHouseBooks1] };

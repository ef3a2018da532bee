import { ServiceMigrations } from '#libs/database/migrations';
import { StorageClickHouseBooks1 } from './migrations/1-clickhouse-books';
import { StorageErasures2 } from './migrations/2-erasures';
import { StorageImports3 } from './migrations/3-imports';
import { StorageArchives4 } from './migrations/4-archives';
import { StorageIdempotency5 } from './migrations/5-idempotency';

export const storageMigrations: ServiceMigrations = {
  schema: 'storage',
  migrations: [StorageClickHouseBooks1, StorageErasures2, StorageImports3, StorageArchives4, StorageIdempotency5],
};

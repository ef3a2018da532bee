import { ServiceMigrations } from '#libs/database/migrations';
import { ConnectorHubInit1 } from './migrations/init-1';

export const connectorHubMigrations: ServiceMigrations = { schema: 'connector_hub', migrations: [ConnectorHubInit1] };

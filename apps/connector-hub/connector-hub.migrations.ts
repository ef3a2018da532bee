import { ServiceMigrations } from '#libs/database/migrations';
import { ConnectorHubInit1 } from './migrations/init-1';
import { ConnectorHubReplays3 } from './migrations/3-replays';
import { ConnectorHubHooks5 } from './migrations/5-hooks';
import { ConnectorHubAmendmentIntents6 } from './migrations/6-amendment-intents';
import { ConnectorHubDrift7 } from './migrations/7-drift';
import { ConnectorHubPartitions2 } from './migrations/2-partitions';
import { ConnectorHubAmendments4 } from './migrations/4-amendments';
import { ConnectorHubIdempotency8 } from './migrations/8-idempotency';

export const connectorHubMigrations: ServiceMigrations = {
  schema: 'connector_hub',
  migrations: [
    ConnectorHubInit1,
    ConnectorHubPartitions2,
    ConnectorHubReplays3,
    ConnectorHubAmendments4,
    ConnectorHubHooks5,
    ConnectorHubAmendmentIntents6,
    ConnectorHubDrift7,
    ConnectorHubIdempotency8,
  ],
};

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceName, SERVICES } from '#libs/contracts/contract';
import { CommandFailed } from '../failure';
import { databaseUrl, DeploymentSecrets } from './secrets';

const DATABASE_HOST = 'postgres';
const OBJECTS_URL = 'http://objects:9000/chartly';

/**
 * Writes one file of variables for each service of docker-compose.yml, readable by their owner alone, and gives their
 * paths. Throws CommandFailed when there are some already: their passwords are in the database's volume.
 */
export function composeSecrets(secrets: DeploymentSecrets, folder: string): string[] {
  if (existsSync(join(folder, 'postgres.env'))) {
    throw new CommandFailed(
      `${folder} has secrets already, and the volumes were made with them. Remove both to begin anew.`,
    );
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return Object.entries(filesOf(secrets)).map(([name, variables]) => {
    const file = join(folder, `${name}.env`);
    const lines = Object.entries(variables).map(([variable, value]) => `${variable}=${value}\n`);
    writeFileSync(file, lines.join(''), { mode: 0o600 });
    return file;
  });
}

type Variables = Readonly<Record<string, string>>;

const objects = ({ objectsPassword }: DeploymentSecrets): Variables => ({
  CHARTLY_OBJECTS_URL: OBJECTS_URL,
  CHARTLY_OBJECTS_ACCESS_KEY: 'chartly',
  CHARTLY_OBJECTS_SECRET_KEY: objectsPassword,
});

/** What one service needs and no other. */
const OWN: Readonly<Partial<Record<ServiceName, (secrets: DeploymentSecrets) => Variables>>> = {
  audit: (secrets) => ({ CHARTLY_AUDIT_KEY: secrets.auditKey, ...objects(secrets) }),
  auth: ({ masterKey }) => ({ CHARTLY_MASTER_KEY: masterKey }),
  'connector-hub': objects,
  storage: objects,
};

function filesOf(secrets: DeploymentSecrets): Record<string, Variables> {
  const database = { CHARTLY_DATABASE_URL: databaseUrl(DATABASE_HOST, 'chartly_app', secrets.appPassword) };
  const publicKeys = { CHARTLY_SERVICE_PUBLIC_KEYS: JSON.stringify(secrets.publicKeys) };
  const roles = SERVICES.map((service) => [
    service,
    {
      ...database,
      ...publicKeys,
      CHARTLY_SERVICE_PRIVATE_KEY: secrets.privateKeys[service],
      ...OWN[service]?.(secrets),
    },
  ]);
  return {
    ...(Object.fromEntries(roles) as Record<string, Variables>), // one for each service
    migration: {
      ...database,
      CHARTLY_DATABASE_MIGRATION_URL: databaseUrl(DATABASE_HOST, 'chartly_owner', secrets.ownerPassword),
    },
    postgres: {
      POSTGRES_DB: 'chartly',
      POSTGRES_USER: 'chartly_owner',
      POSTGRES_PASSWORD: secrets.ownerPassword,
      CHARTLY_APP_PASSWORD: secrets.appPassword,
    },
    events: {
      CLICKHOUSE_DB: 'chartly',
      CLICKHOUSE_USER: 'chartly',
      CLICKHOUSE_PASSWORD: secrets.eventsPassword,
    },
    objects: { MINIO_ROOT_USER: 'chartly', MINIO_ROOT_PASSWORD: secrets.objectsPassword },
    grafana: { GF_SECURITY_ADMIN_PASSWORD: secrets.grafanaPassword },
    scale: { CHARTLY_REDIS_URL: 'redis://redis:6379' },
  };
}

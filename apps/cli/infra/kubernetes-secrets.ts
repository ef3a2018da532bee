import { stringify } from 'yaml';
import { CommandFailed } from '../failure';
import { databaseUrl, DeploymentSecrets } from './secrets';

/** The one Postgres of the overlay for one machine, and the folder that its pods keep objects in. */
const LOCAL_HOST = 'chartly-postgres';
const LOCAL_OBJECTS = 'file:///var/lib/chartly/objects';

/** Addresses and credentials of engines that are there, under the names of the variables that carry them. */
type Given = Readonly<Record<string, string | undefined>>;

/** Secret -> key -> variable: what engines outside are reached by. */
const ENGINES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'chartly-database': { url: 'CHARTLY_DATABASE_URL' },
  'chartly-migration': { url: 'CHARTLY_DATABASE_MIGRATION_URL' },
  'chartly-objects': {
    url: 'CHARTLY_OBJECTS_URL',
    'access-key': 'CHARTLY_OBJECTS_ACCESS_KEY',
    'secret-key': 'CHARTLY_OBJECTS_SECRET_KEY',
  },
  'chartly-redis': { url: 'CHARTLY_REDIS_URL' },
  'chartly-events': { url: 'CHARTLY_EVENTS_URL' },
};
const NEEDED = ['CHARTLY_DATABASE_URL', 'CHARTLY_DATABASE_MIGRATION_URL', 'CHARTLY_OBJECTS_URL'];

/**
 * The Secrets that the manifests and the chart name, and the ConfigMap of public keys, as YAML for `kubectl apply`.
 * Throws CommandFailed that names the variables that are missing in `given`.
 */
export function kubernetesSecrets(secrets: DeploymentSecrets, namespace: string, given: Given): string {
  const missing = NEEDED.filter((variable) => !given[variable]);
  if (missing.length > 0) {
    throw new CommandFailed(`Set ${missing.join(', ')} to what the deployment is to use, and call this again.`, 2);
  }
  const engines = Object.entries(ENGINES).map(([name, keys]) => {
    const entries = Object.entries(keys).flatMap(([key, variable]) =>
      given[variable] ? [[key, given[variable]] as const] : [],
    );
    return [name, Object.fromEntries(entries)] as const;
  });
  const own: [string, object][] = [
    ['chartly-service-keys', secrets.privateKeys],
    ['chartly-audit', { 'signing-key': secrets.auditKey }],
    ['chartly-master-key', { keys: secrets.masterKey }],
    ['chartly-grafana', { 'admin-password': secrets.grafanaPassword }],
  ];
  const named = [...engines.filter(([, data]) => Object.keys(data).length > 0), ...own];
  return yamlOf([...named.map(([name, data]) => secret(name, namespace, data)), publicKeys(secrets, namespace)]);
}

/** The same for the overlay of one machine, which brings its own Postgres and keeps objects in a folder. */
export function localSecrets(secrets: DeploymentSecrets, namespace: string): string {
  const passwords = { 'owner-password': secrets.ownerPassword, 'app-password': secrets.appPassword };
  const rest = kubernetesSecrets(secrets, namespace, {
    CHARTLY_DATABASE_URL: databaseUrl(LOCAL_HOST, 'chartly_app', secrets.appPassword),
    CHARTLY_DATABASE_MIGRATION_URL: databaseUrl(LOCAL_HOST, 'chartly_owner', secrets.ownerPassword),
    CHARTLY_OBJECTS_URL: LOCAL_OBJECTS,
  });
  return `${yamlOf([secret('chartly-postgres', namespace, passwords)])}---\n${rest}`;
}

const yamlOf = (objects: readonly object[]): string =>
  objects.map((object) => stringify(object, { version: '1.1', lineWidth: 0 })).join('---\n');

const metadata = (name: string, namespace: string): object => ({
  name,
  namespace,
  labels: { 'app.kubernetes.io/part-of': 'chartly' },
});

const secret = (name: string, namespace: string, stringData: object): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: metadata(name, namespace),
  type: 'Opaque',
  stringData,
});

const publicKeys = (secrets: DeploymentSecrets, namespace: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata('chartly-public-keys', namespace),
  data: { 'keys.json': JSON.stringify(secrets.publicKeys) },
});

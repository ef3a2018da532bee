import { createHash } from 'node:crypto';
import { ServiceName } from '#libs/contracts/contract';
import { componentsOf, Deployment, Environment, urlVariable } from '../components';
import { Manifest, metadata, nameOf } from './manifest';

export const CONFIG_NAME = 'chartly-config';
/** The public keys of the nine; `chartly infra secrets` makes it together with the private ones. */
export const PUBLIC_KEYS = { configMap: 'chartly-public-keys', key: 'keys.json' };

export const textsOf = (environment: Environment = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([variable, value]) => [variable, String(value)]));

/** What all nine take from their environment, but for the addresses of each other. */
export function commonEnvironment(deployment: Deployment): Record<string, string> {
  const { ports, dataDir, shutdownGrace, environment } = deployment.platform;
  return {
    CHARTLY_HOST: '0.0.0.0',
    CHARTLY_PORT: String(ports.public),
    CHARTLY_INTERNAL_HOST: '0.0.0.0',
    CHARTLY_INTERNAL_PORT: String(ports.internal),
    CHARTLY_DATA_DIR: dataDir,
    CHARTLY_SHUTDOWN_GRACE: shutdownGrace,
    ...textsOf(environment),
  };
}

/** What all nine take from their environment and may be seen by anybody. */
export const sharedEnvironment = (deployment: Deployment, hostOf = nameOf): Record<string, string> => ({
  ...commonEnvironment(deployment),
  ...Object.fromEntries(
    componentsOf(deployment).map(([name]) => [
      urlVariable(name),
      `http://${hostOf(name)}:${deployment.platform.ports.internal}`,
    ]),
  ),
});

export const sharedConfig = (deployment: Deployment, version: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata('config', version, CONFIG_NAME),
  data: sharedEnvironment(deployment),
});

/** Changes when the shared configuration does, so that pods are rolled (rule 16). */
export const checksum = (data: object): string => createHash('sha256').update(JSON.stringify(data)).digest('hex');

interface EnvEntry {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}

const secret = (name: string, secretName: string, key: string, optional: boolean): EnvEntry => ({
  name,
  valueFrom: { secretKeyRef: { name: secretName, key, ...(optional ? { optional: true } : {}) } },
});

/** A role's own variables: its name, and references to the secrets that it needs and no others. */
export function roleEnvironment(deployment: Deployment, name: ServiceName): EnvEntry[] {
  const { calls, environment } = deployment.components[name];
  const { engines } = calls;
  return [
    { name: 'CHARTLY_ROLE', value: name },
    ...Object.entries(textsOf(environment)).map(([variable, value]) => ({ name: variable, value })),
    ...engines.map((engine) => {
      const { address, secret: secretName, key, required } = deployment.engines[engine];
      return secret(address, secretName, key, !required);
    }),
    ...Object.values(deployment.secrets)
      .filter(({ only }) => only === undefined || only.includes(name))
      .map((ref) => secret(ref.variable, ref.secret, ref.key.replace('{component}', name), ref.optional ?? false)),
    {
      name: 'CHARTLY_SERVICE_PUBLIC_KEYS',
      valueFrom: { configMapKeyRef: { name: PUBLIC_KEYS.configMap, key: PUBLIC_KEYS.key } },
    },
  ];
}

/** The migration's variables: the database as its owner and as the role that serves. */
export function migrationEnvironment(deployment: Deployment): EnvEntry[] {
  const { postgres } = deployment.engines;
  return [
    { name: 'CHARTLY_ROLE', value: 'all' },
    secret(postgres.address, postgres.secret, postgres.key, false),
    ...Object.values(deployment.secrets)
      .filter(({ only }) => only?.includes('migration'))
      .map((ref) => secret(ref.variable, ref.secret, ref.key, false)),
  ];
}

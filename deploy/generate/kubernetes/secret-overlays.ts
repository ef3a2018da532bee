import { ServiceName } from '#libs/contracts/contract';
import { componentsOf, Deployment } from '../components';
import { yaml, yamlStream } from '../yaml';
import { Release } from './components';
import { Manifest, metadata, nameOf } from './manifest';

/** Where secrets come from, beside `chartly infra secrets`: the External Secrets Operator, or the Secrets Store CSI driver. */
interface Kept {
  readonly secret: string;
  readonly key: string;
}

type Keys = Readonly<Record<string, readonly string[]>>;

/** The store's name of a Secret: `chartly-database` is kept as `chartly/database`. */
const remoteName = (secret: string): string => secret.replace(/^chartly-/, 'chartly/');

/** The secrets that a component reads. */
function keptFor(deployment: Deployment, name: ServiceName | 'migration'): Kept[] {
  const engines = name === 'migration' ? (['postgres'] as const) : deployment.components[name].calls.engines;
  return [
    ...engines
      .map((engine) => deployment.engines[engine])
      .filter(({ required }) => required)
      .map(({ secret, key }) => ({ secret, key })),
    ...Object.values(deployment.secrets)
      .filter(({ only, optional }) => !optional && (only === undefined ? name !== 'migration' : only.includes(name)))
      .map(({ secret, key }) => ({ secret, key: key.replace('{component}', name) })),
  ];
}

const users = (deployment: Deployment): (ServiceName | 'migration')[] => [
  ...componentsOf(deployment).map(([name]) => name),
  'migration',
];

function keysOf(kept: readonly Kept[]): Keys {
  const keys: Record<string, string[]> = {};
  for (const { secret, key } of kept) keys[secret] = [...new Set([...(keys[secret] ?? []), key])];
  return keys;
}

const grafana = ({ monitoring: { grafana: of } }: Deployment): Kept[] =>
  of.secret ? [{ secret: of.secret.name, key: of.secret.key }] : [];

/** One ExternalSecret for each Secret; the store keeps each as JSON with its keys. */
export function externalSecretFiles({ deployment, version }: Release): Record<string, string> {
  const kept = [...users(deployment).flatMap((name) => keptFor(deployment, name)), ...grafana(deployment)];
  const secrets = Object.keys(keysOf(kept)).map((name): Manifest => ({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: metadata('secrets', version, name),
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { kind: 'ClusterSecretStore', name: 'chartly' },
      target: { name, creationPolicy: 'Owner' },
      dataFrom: [{ extract: { key: remoteName(name) } }],
    },
  }));
  return {
    'external-secrets.yaml': yamlStream(secrets),
    'kustomization.yaml': yaml({
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['../production', 'external-secrets.yaml'],
    }),
  };
}

/** One SecretProviderClass for each component, with its secrets and no other's, for the provider of Vault. */
export function csiSecretFiles({ deployment, version }: Release): Record<string, string> {
  const all: [string, Kept[]][] = [
    ...users(deployment).map((name): [string, Kept[]] => [name, keptFor(deployment, name)]),
    ['grafana', grafana(deployment)],
  ];
  const classes = all.map(([name, kept]): Manifest => {
    const objects = kept.map(({ secret, key }) => ({
      objectName: `${secret}.${key}`,
      secretPath: `secret/data/${remoteName(secret)}`,
      secretKey: key,
    }));
    return {
      apiVersion: 'secrets-store.csi.x-k8s.io/v1',
      kind: 'SecretProviderClass',
      metadata: metadata(name, version),
      spec: {
        provider: 'vault',
        parameters: { roleName: nameOf(name), objects: yaml(objects) },
        secretObjects: Object.entries(keysOf(kept)).map(([secretName, keys]) => ({
          secretName,
          type: 'Opaque',
          data: keys.map((key) => ({ objectName: `${secretName}.${key}`, key })),
        })),
      },
    };
  });
  const patches = all.map(([name]) => ({
    target: {
      kind: name === 'migration' ? 'Job' : 'Deployment',
      labelSelector: `app.kubernetes.io/component=${name}`,
    },
    patch: yaml([
      {
        op: 'add',
        path: '/spec/template/spec/volumes/-',
        value: {
          name: 'secrets',
          csi: {
            driver: 'secrets-store.csi.k8s.io',
            readOnly: true,
            volumeAttributes: { secretProviderClass: nameOf(name) },
          },
        },
      },
      {
        op: 'add',
        path: '/spec/template/spec/containers/0/volumeMounts/-',
        value: { name: 'secrets', mountPath: '/mnt/secrets', readOnly: true },
      },
    ]),
  }));
  return {
    'secret-provider-classes.yaml': yamlStream(classes),
    'kustomization.yaml': yaml({
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['../production', 'secret-provider-classes.yaml'],
      patches,
    }),
  };
}

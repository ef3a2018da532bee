import { ServiceName } from '#libs/contracts/contract';
import { Deployment } from '../components';
import { checksum, CONFIG_NAME, migrationEnvironment, roleEnvironment, sharedEnvironment } from './environment';
import { Manifest, metadata, nameOf, selectorLabels } from './manifest';
import { containerSecurity, podSecurity, probes, spread, volumeMounts, volumes } from './pod';

/** What is deployed: the source, and the release of the code that it is for. */
export interface Release {
  readonly deployment: Deployment;
  readonly version: string;
}

const imageOf = ({ version }: Release): string => `chartly:${version}`;

const serviceAccount = (component: string, { version }: Release): Manifest => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: metadata(component, version),
  automountServiceAccountToken: false,
});

/** A service's objects: account, claim where it keeps files, Deployment, Service. */
export function componentManifests(name: ServiceName, release: Release): Manifest[] {
  const component = release.deployment.components[name];
  const kept = component.writable.filter(({ persistent }) => persistent);
  const claim = kept.map(({ size }) => claimOf(name, size, release));
  return [
    serviceAccount(name, release),
    ...claim,
    workload(name, release),
    service(name, release),
    pods(name, release),
  ];
}

const claimOf = (name: ServiceName, size: string, { version }: Release): Manifest => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: metadata(name, version),
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } } },
});

function workload(name: ServiceName, release: Release): Manifest {
  const { deployment, version } = release;
  const { user, ports, preStopSeconds, terminationGraceSeconds } = deployment.platform;
  const { replicas, resources, writable, stateful, public: isPublic } = deployment.components[name];
  const meta = metadata(name, version);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta,
    spec: {
      replicas,
      revisionHistoryLimit: 5,
      selector: { matchLabels: selectorLabels(name) },
      strategy: stateful
        ? { type: 'Recreate' }
        : { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: {
          labels: meta.labels,
          annotations: { 'checksum/config': checksum(sharedEnvironment(deployment)) },
        },
        spec: {
          serviceAccountName: nameOf(name),
          ...podSecurity(user),
          terminationGracePeriodSeconds: terminationGraceSeconds,
          ...(replicas > 1 ? spread(selectorLabels(name)) : {}),
          containers: [
            {
              name,
              image: imageOf(release),
              imagePullPolicy: 'IfNotPresent',
              ports: [
                ...(isPublic ? [{ name: 'http', containerPort: ports.public, protocol: 'TCP' }] : []),
                { name: 'internal', containerPort: ports.internal, protocol: 'TCP' },
              ],
              envFrom: [{ configMapRef: { name: CONFIG_NAME } }],
              env: roleEnvironment(deployment, name),
              ...probes({ ready: '/ready', live: '/health', port: 'internal' }),
              lifecycle: { preStop: { exec: { command: ['/bin/sleep', String(preStopSeconds)] } } },
              resources,
              securityContext: containerSecurity(user),
              volumeMounts: volumeMounts(writable),
            },
          ],
          volumes: volumes(writable, nameOf(name)),
        },
      },
    },
  };
}

function service(name: ServiceName, { deployment, version }: Release): Manifest {
  const { ports } = deployment.platform;
  const isPublic = deployment.components[name].public;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(name, version),
    spec: {
      type: 'ClusterIP',
      selector: selectorLabels(name),
      ports: [
        ...(isPublic ? [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }] : []),
        { name: 'internal', port: ports.internal, targetPort: 'internal', protocol: 'TCP' },
      ],
    },
  };
}

/** Names every pod on its own, ready or not, so that each is scraped without asking the cluster's API. */
const pods = (name: ServiceName, { deployment, version }: Release): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata(name, version, `${nameOf(name)}-pods`),
  spec: {
    clusterIP: 'None',
    publishNotReadyAddresses: true,
    selector: selectorLabels(name),
    ports: [{ name: 'internal', port: deployment.platform.ports.internal, targetPort: 'internal', protocol: 'TCP' }],
  },
});

/**
 * Makes or extends the tables as the database's owner, once per release: a Job cannot be changed, so its name carries
 * the release. New pods wait for it and say so on /ready.
 */
export function migrationManifests(release: Release): Manifest[] {
  const { deployment, version } = release;
  const meta = metadata('migration', version, `${nameOf('migration')}-${version.replaceAll(/[^a-z0-9]+/g, '-')}`);
  return [
    serviceAccount('migration', release),
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: meta,
      spec: {
        backoffLimit: 10,
        activeDeadlineSeconds: 1_800,
        ttlSecondsAfterFinished: 86_400,
        template: {
          metadata: { labels: meta.labels },
          spec: {
            serviceAccountName: nameOf('migration'),
            restartPolicy: 'Never',
            ...podSecurity(deployment.platform.user),
            containers: [
              {
                name: 'migration',
                image: imageOf(release),
                imagePullPolicy: 'IfNotPresent',
                args: ['dist/src/main.js', '--migrate-only'],
                env: migrationEnvironment(deployment),
                resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '384Mi' } },
                securityContext: containerSecurity(deployment.platform.user),
                volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
              },
            ],
            volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }],
          },
        },
      },
    },
  ];
}

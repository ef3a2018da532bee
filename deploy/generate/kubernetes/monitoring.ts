import { MonitorName } from '../components';
import { grafanaDatasource, grafanaProviders, MonitoringFiles } from '../monitoring/prometheus';
import { Release } from './components';
import { checksum } from './environment';
import { Manifest, metadata, nameOf, selectorLabels } from './manifest';
import { containerSecurity, podSecurity, probes, volumeMounts, volumes } from './pod';

const configMap = (component: MonitorName, part: string, version: string, data: object): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata(component, version, nameOf(`${component}-${part}`)),
  data,
});

interface Extra {
  readonly args?: readonly string[];
  readonly env?: readonly object[];
  /** ConfigMaps by the folder that they are mounted at. */
  readonly config: Readonly<Record<string, Manifest>>;
}

/** Prometheus with its scrape config and rules. */
export function prometheusManifests(release: Release, files: MonitoringFiles): Manifest[] {
  const { retention = '15d' } = release.deployment.monitoring.prometheus;
  const config = configMap('prometheus', 'config', release.version, { 'prometheus.yml': files.scrapeConfig });
  const rules = configMap('prometheus', 'rules', release.version, files.rules);
  return monitorManifests('prometheus', release, {
    args: [
      '--config.file=/etc/prometheus/prometheus.yml',
      '--storage.tsdb.path=/prometheus',
      `--storage.tsdb.retention.time=${retention}`,
    ],
    config: { '/etc/prometheus': config, '/etc/prometheus-rules': rules },
  });
}

/** Grafana with its data source and dashboards; nobody gets in without the password of the Secret. */
export function grafanaManifests(release: Release, files: MonitoringFiles): Manifest[] {
  const { version, deployment } = release;
  const { secret } = deployment.monitoring.grafana;
  const { port } = deployment.monitoring.prometheus;
  const datasources = { 'prometheus.yaml': grafanaDatasource(`http://${nameOf('prometheus')}:${port}`) };
  return monitorManifests('grafana', release, {
    env: [
      ...(secret
        ? [{ name: 'GF_SECURITY_ADMIN_PASSWORD', valueFrom: { secretKeyRef: { name: secret.name, key: secret.key } } }]
        : []),
      { name: 'GF_ANALYTICS_REPORTING_ENABLED', value: 'false' },
      { name: 'GF_ANALYTICS_CHECK_FOR_UPDATES', value: 'false' },
      { name: 'GF_AUTH_ANONYMOUS_ENABLED', value: 'false' },
      { name: 'GF_USERS_ALLOW_SIGN_UP', value: 'false' },
      { name: 'GF_PATHS_DATA', value: '/var/lib/grafana' },
      { name: 'GF_LOG_MODE', value: 'console' },
    ],
    config: {
      '/etc/grafana/provisioning/datasources': configMap('grafana', 'datasources', version, datasources),
      '/etc/grafana/provisioning/dashboards': configMap('grafana', 'providers', version, {
        'chartly.yaml': grafanaProviders('/etc/grafana/dashboards'),
      }),
      '/etc/grafana/dashboards': configMap('grafana', 'dashboards', version, files.dashboards),
    },
  });
}

function monitorManifests(name: MonitorName, { deployment, version }: Release, extra: Extra): Manifest[] {
  const { image, port, probes: paths, resources, writable } = deployment.monitoring[name];
  const { user } = deployment.platform;
  const meta = metadata(name, version);
  const mounts = Object.entries(extra.config);
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta, automountServiceAccountToken: false },
    ...mounts.map(([, config]) => config),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: meta,
      spec: {
        replicas: 1,
        revisionHistoryLimit: 5,
        selector: { matchLabels: selectorLabels(name) },
        strategy: { type: 'Recreate' },
        template: {
          metadata: {
            labels: meta.labels,
            annotations: { 'checksum/config': checksum(mounts.map(([, { data }]) => data)) },
          },
          spec: {
            serviceAccountName: nameOf(name),
            ...podSecurity(user),
            terminationGracePeriodSeconds: 30,
            containers: [
              {
                name,
                image: `${image.repository}:${image.tag}`,
                imagePullPolicy: 'IfNotPresent',
                ...(extra.args ? { args: extra.args } : {}),
                ports: [{ name: 'http', containerPort: port, protocol: 'TCP' }],
                ...(extra.env ? { env: extra.env } : {}),
                ...probes({ ...paths, port: 'http' }),
                resources,
                securityContext: containerSecurity(user),
                volumeMounts: [
                  ...volumeMounts(writable),
                  ...mounts.map(
                    ([
                      mountPath,
                      {
                        metadata: { name: config },
                      },
                    ]) => ({
                      name: volumeOf(config, name),
                      mountPath,
                      readOnly: true,
                    }),
                  ),
                ],
              },
            ],
            volumes: [
              ...volumes(writable, nameOf(name)),
              ...mounts.map(
                ([
                  ,
                  {
                    metadata: { name: config },
                  },
                ]) => ({
                  name: volumeOf(config, name),
                  configMap: { name: config },
                }),
              ),
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta,
      spec: {
        type: 'ClusterIP',
        selector: selectorLabels(name),
        ports: [{ name: 'http', port, targetPort: 'http', protocol: 'TCP' }],
      },
    },
  ];
}

const volumeOf = (config: string, component: string): string => config.replace(`${nameOf(component)}-`, '');

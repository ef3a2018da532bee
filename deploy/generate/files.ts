import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadComponents } from './components';
import { composeFile } from './compose';
import { conformance } from './conformance';
import { chartFiles, markedChartFiles } from './helm/chart';
import { baseFiles, policyFiles } from './kubernetes/base';
import { Release } from './kubernetes/components';
import { nameOf } from './kubernetes/manifest';
import { csiSecretFiles, externalSecretFiles } from './kubernetes/secret-overlays';
import { dashboardFiles } from './monitoring/dashboards';
import { ruleFiles } from './monitoring/rules';
import { grafanaDatasource, grafanaProviders, MonitoringFiles, scrapeConfig } from './monitoring/prometheus';

const HEADER = '# Generated from deploy/components.yaml by `npm run deploy:generate`; change that file instead.\n';

/** Everything that is generated, by its path from the root of the repository. */
export function generatedFiles(root: string): Map<string, string> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }; // ours
  const deployment = loadComponents(root);
  const release: Release = { deployment, version };
  const monitoring: MonitoringFiles = {
    scrapeConfig: scrapeConfig(deployment, {
      hostOf: (name) => `${nameOf(name)}-pods`,
      rulesFolder: '/etc/prometheus-rules',
    }),
    rules: ruleFiles(),
    dashboards: dashboardFiles(deployment),
  };
  const prometheusUrl = `http://prometheus:${deployment.monitoring.prometheus.port}`;
  return new Map([
    ...under('deploy/k8s/base', baseFiles(release, monitoring)),
    ...under('deploy/k8s/overlays/policies', policyFiles(release)),
    ...under('deploy/k8s/overlays/external-secrets', externalSecretFiles(release)),
    ...under('deploy/k8s/overlays/csi-secrets', csiSecretFiles(release)),
    ...under('deploy/helm/chartly', markedChartFiles(release, monitoring)),
    ...plain('deploy/helm/chartly', chartFiles(release, monitoring)),
    ...under('deploy/monitoring/rules', monitoring.rules),
    ...plain('deploy/monitoring/dashboards', monitoring.dashboards),
    ...under('deploy/compose', {
      'prometheus.yml': scrapeConfig(deployment, { hostOf: (name) => name, rulesFolder: '/etc/prometheus-rules' }),
      'grafana/datasources/prometheus.yaml': grafanaDatasource(prometheusUrl),
      'grafana/providers/chartly.yaml': grafanaProviders('/etc/grafana/dashboards'),
    }),
    ...plain('docs', { 'conformance.md': conformance(root, deployment) }),
    ...under('.', { 'docker-compose.yml': composeFile(release) }),
  ]);
}

const plain = (folder: string, files: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(files).map(([name, text]) => [join(folder, name), text]);

const under = (folder: string, files: Readonly<Record<string, string>>): [string, string][] =>
  plain(folder, files).map(([path, text]) => [path, `${HEADER}${text}`]);

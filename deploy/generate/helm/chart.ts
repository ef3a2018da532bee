import { Release } from '../kubernetes/components';
import { grafanaDatasource, grafanaProviders, MonitoringFiles } from '../monitoring/prometheus';
import { yaml } from '../yaml';
import { rowsOf, schemaOf, valuesText } from './fields';
import { readme } from './readme';
import { chartStructure } from './structure';
import { chartValues } from './values';

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** The generated files of `deploy/helm/chartly`, by name. JSON and Markdown carry no line that says so. */
export function chartFiles({ deployment, version }: Release, monitoring: MonitoringFiles): Record<string, string> {
  const values = chartValues(deployment);
  return {
    'values.schema.json': json({ $schema: 'http://json-schema.org/draft-07/schema#', ...schemaOf(values) }),
    'files/structure.json': json(chartStructure(deployment)),
    'README.md': readme(rowsOf(values), version),
    ...prefixed('files/dashboards', monitoring.dashboards),
  };
}

/** Those that say in their first line that they are generated. */
export function markedChartFiles(
  { deployment, version }: Release,
  monitoring: MonitoringFiles,
): Record<string, string> {
  return {
    'Chart.yaml': yaml({
      apiVersion: 'v2',
      name: 'chartly',
      description: 'Pipelines in, canonical events stored exactly once, and books that always balance.',
      type: 'application',
      version,
      appVersion: version,
      kubeVersion: '>=1.27.0-0',
      keywords: ['data', 'pipelines', 'events'],
    }),
    'values.yaml': valuesText(chartValues(deployment)),
    'files/grafana/datasource.yaml': grafanaDatasource('PROMETHEUS_URL'),
    'files/grafana/provider.yaml': grafanaProviders('/etc/grafana/dashboards'),
    ...prefixed('files/rules', monitoring.rules),
  };
}

const prefixed = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

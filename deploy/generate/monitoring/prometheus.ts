import { ServiceName } from '#libs/contracts/contract';
import { componentsOf, Deployment } from '../components';
import { yaml } from '../yaml';

/** What Prometheus and Grafana read, as the text of their files. */
export interface MonitoringFiles {
  readonly scrapeConfig: string;
  readonly rules: Readonly<Record<string, string>>;
  readonly dashboards: Readonly<Record<string, string>>;
}

interface Scraping {
  /** The name that resolves to the address of every process of a component. */
  readonly hostOf: (component: ServiceName) => string;
  readonly rulesFolder: string;
}

/**
 * One job a component, its targets found by DNS: no access to any orchestrator's API is needed. In the subset that
 * Prometheus 2.42 reads.
 */
export function scrapeConfig(deployment: Deployment, { hostOf, rulesFolder }: Scraping): string {
  return yaml({
    global: { scrape_interval: '15s', scrape_timeout: '10s', evaluation_interval: '15s' },
    rule_files: [`${rulesFolder}/*.yml`],
    scrape_configs: componentsOf(deployment).map(([name]) => ({
      job_name: name,
      dns_sd_configs: [
        { names: [hostOf(name)], type: 'A', port: deployment.platform.ports.internal, refresh_interval: '15s' },
      ],
    })),
  });
}

export const DATASOURCE_UID = 'chartly-prometheus';

export const grafanaDatasource = (url: string): string =>
  yaml({
    apiVersion: 1,
    datasources: [
      {
        name: 'Prometheus',
        uid: DATASOURCE_UID,
        type: 'prometheus',
        access: 'proxy',
        url,
        isDefault: true,
        editable: false,
        jsonData: { timeInterval: '15s', httpMethod: 'POST' },
      },
    ],
  });

export const grafanaProviders = (folder: string): string =>
  yaml({
    apiVersion: 1,
    providers: [
      {
        name: 'chartly',
        folder: 'Chartly',
        type: 'file',
        disableDeletion: true,
        allowUiUpdates: false,
        options: { path: folder },
      },
    ],
  });

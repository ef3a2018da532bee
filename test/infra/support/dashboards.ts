import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/paths';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly editable: boolean;
  readonly templating: { readonly list: readonly { readonly name: string; readonly allValue?: string }[] };
  readonly panels: readonly Panel[];
}

const FOLDER = join(ROOT, 'deploy', 'monitoring', 'dashboards');

export const dashboards = (): Dashboard[] =>
  readdirSync(FOLDER).map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Dashboard); // our own files

export const panelsOf = ({ panels }: Dashboard): Panel[] => panels.filter(({ type }) => type !== 'row');

export const expressionsOf = (dashboard: Dashboard): string[] =>
  panelsOf(dashboard).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

/** An expression as Grafana sends it when everything is selected. */
export function withoutVariables(expr: string, jobs = '.*', window = '5m'): string {
  return expr.replaceAll('$job', jobs).replaceAll('$instance', '.*').replaceAll('$__rate_interval', window);
}

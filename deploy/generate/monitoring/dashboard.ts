/** Grafana dashboards as code: what every panel and dashboard of ours has in common. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

export type Unit =
  'reqps' | 'percentunit' | 's' | 'bytes' | 'short' | 'ops' | 'Bps' | 'none' | 'bool_yes_no' | 'rowsps' | 'cps';

export interface Query {
  readonly expr: string;
  /** What the line is called; labels in double braces. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** `stat` shows the last value large. */
  readonly kind?: 'timeseries' | 'stat';
}

export interface Section {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  /** Fixed, so that links to it hold. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** A regular expression of the jobs that it is about. */
  readonly jobs: string;
  readonly sections: readonly Section[];
}

const COLUMNS = 24;
const WIDTH = 8;
const HEIGHT = 8;

/** The dashboard as Grafana's JSON, on one line an object short: it travels in a ConfigMap. */
export function dashboardJson({ uid, title, description, jobs, sections }: Dashboard): string {
  const panels = layout(sections);
  return `${JSON.stringify({
    uid,
    title,
    description,
    tags: ['chartly'],
    schemaVersion: 39,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    timezone: 'utc',
    time: { from: 'now-1h', to: 'now' },
    annotations: { list: [] },
    links: [
      { type: 'dashboards', tags: ['chartly'], title: 'Chartly', asDropdown: true, includeVars: true, keepTime: true },
    ],
    templating: { list: variables(jobs) },
    panels,
  })}\n`;
}

function variables(jobs: string): object[] {
  const query = (name: string, label: string, text: string): object => ({
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    query: { query: text, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: name === 'job' ? jobs : '.*',
    current: { selected: true, text: 'All', value: '$__all' },
  });
  return [
    {
      name: 'datasource',
      label: 'Data source',
      type: 'datasource',
      query: 'prometheus',
      current: { selected: false, text: 'Prometheus', value: 'chartly-prometheus' },
    },
    query('job', 'Component', `label_values(up{job=~"${jobs}"}, job)`),
    query('instance', 'Process', 'label_values(up{job=~"$job"}, instance)'),
  ];
}

function layout(sections: readonly Section[]): object[] {
  const placed: object[] = [];
  let y = 0;
  for (const { title, panels } of sections) {
    placed.push({
      id: placed.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    });
    y += 1;
    panels.forEach((panel, at) => {
      const x = (at * WIDTH) % COLUMNS;
      placed.push(panelJson(panel, placed.length + 1, { x, y: y + Math.floor((at * WIDTH) / COLUMNS) * HEIGHT }));
    });
    y += Math.ceil((panels.length * WIDTH) / COLUMNS) * HEIGHT;
  }
  return placed;
}

function panelJson(
  { title, description, unit, queries, kind = 'timeseries' }: Panel,
  id: number,
  place: { x: number; y: number },
): object {
  return {
    id,
    type: kind,
    title,
    description,
    datasource: DATASOURCE,
    gridPos: { ...place, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options:
      kind === 'stat'
        ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value' }
        : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(({ expr, legend }, at) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + at),
      expr,
      legendFormat: legend,
      datasource: DATASOURCE,
    })),
  };
}

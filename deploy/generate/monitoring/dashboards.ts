import { componentsOf, Deployment } from '../components';
import { Dashboard, dashboardJson, Panel, Section } from './dashboard';
import { calls, chosen, durations, perSecond, processes, requests, up } from './panels';
import { orZero, share, sum } from './promql';
import { jobs, OWN } from './roles';
import { SLOS } from './slos';

/** All dashboards, as the text of their files by name. */
export function dashboardFiles(deployment: Deployment): Record<string, string> {
  const boards = [
    overview(deployment),
    plane(
      deployment,
      'data',
      'The data plane',
      'What moves and keeps data: connector-hub, normalizer, storage, analytics.',
    ),
    plane(deployment, 'control', 'The control plane', 'What decides and watches: orchestrator, auth, audit, observer.'),
    ...engines(deployment),
    ...componentsOf(deployment).map(([name, { summary }]): Dashboard => ({
      uid: `chartly-role-${name}`,
      title: `Chartly / ${name}`,
      description: summary,
      jobs: name,
      sections: [...(OWN[name] ?? []), requests, calls, processes],
    })),
  ];
  return Object.fromEntries(boards.map((board) => [`${board.uid}.json`, dashboardJson(board)]));
}

const jobsOf = (deployment: Deployment, ...planes: readonly string[]): string =>
  componentsOf(deployment)
    .filter(([, { plane: of }]) => planes.includes(of))
    .map(([name]) => name)
    .join('|');

function overview(deployment: Deployment): Dashboard {
  const objectives: Panel[] = SLOS.map(({ id, title, promise }) => ({
    title,
    description: `${promise} Share of the error budget of 30 days that the last hour burns each hour, 1 being just in time.`,
    unit: 'none',
    queries: [{ expr: `slo:${id}:burn_rate1h`, legend: 'burn rate' }],
  }));
  return {
    uid: 'chartly-overview',
    title: 'Chartly / overview',
    description: 'Whether Chartly keeps its promises, and where to look when it does not.',
    jobs: jobsOf(deployment, 'edge', 'control', 'data'),
    sections: [
      {
        title: 'Promises',
        panels: [
          {
            title: 'Pipelines out of balance',
            description: 'Pipelines whose books do not balance. Anything but 0 is an incident.',
            unit: 'none',
            kind: 'stat',
            queries: [{ expr: orZero('count(chartly_ledger_balanced == 0)'), legend: 'out of balance' }],
          },
          {
            title: 'Canary',
            description: 'Whether a record of our own came through the data plane in time.',
            unit: 'bool_yes_no',
            kind: 'stat',
            queries: [{ expr: 'min(chartly_canary_ok)', legend: 'in time' }],
          },
          up,
        ],
      },
      { title: 'Objectives', panels: objectives },
      requests,
      calls,
    ],
  };
}

function plane(deployment: Deployment, of: 'data' | 'control', title: string, description: string): Dashboard {
  const busy: Section = {
    title: 'By component',
    panels: [
      {
        title: 'Requests',
        description: 'Requests that each component answers a second.',
        unit: 'reqps',
        queries: [{ expr: orZero(perSecond('chartly_http_request_seconds_count', {}, 'job')), legend: '{{job}}' }],
      },
      {
        title: 'CPU',
        description: 'Cores that each component uses in all.',
        unit: 'short',
        queries: [{ expr: perSecond('process_cpu_seconds_total', {}, 'job'), legend: '{{job}}' }],
      },
      {
        title: 'Memory',
        description: 'Resident memory of each component in all.',
        unit: 'bytes',
        queries: [{ expr: sum(chosen('process_resident_memory_bytes'), 'job'), legend: '{{job}}' }],
      },
      up,
    ],
  };
  const jobsHere = of === 'data' ? [jobs] : [];
  return {
    uid: `chartly-plane-${of}`,
    title: `Chartly / ${title.toLowerCase()}`,
    description,
    jobs: jobsOf(deployment, of),
    sections: [busy, requests, calls, ...jobsHere],
  };
}

/** Each engine as its clients see it: rate, errors and duration of what they ask, use and saturation of their way to it. */
function engines(deployment: Deployment): Dashboard[] {
  const all = jobsOf(deployment, 'edge', 'control', 'data');
  const red = (title: string, metric: string, by: string, what: string): Section => ({
    title,
    panels: [
      {
        title: 'Rate',
        description: `Operations each second, by ${by}.`,
        unit: 'ops',
        queries: [{ expr: orZero(perSecond(`${metric}_count`, {}, by)), legend: `{{${by}}}` }],
      },
      {
        title: 'Errors',
        description: 'Share that ended with an error.',
        unit: 'percentunit',
        queries: [
          {
            expr: share(perSecond(`${metric}_count`, { outcome: 'failed' }), perSecond(`${metric}_count`, {})),
            legend: 'failed',
          },
        ],
      },
      durations({ title: 'Duration', what, metric }),
    ],
  });
  const pool: Section = {
    title: 'Connections (USE)',
    panels: [
      {
        title: 'Open connections',
        description: 'Connections of all pools, by component. Those of the queues come on top.',
        unit: 'short',
        queries: [{ expr: sum(chosen('chartly_database_connections', { state: 'open' }), 'job'), legend: '{{job}}' }],
      },
      {
        title: 'Busy',
        description: 'Share of the open connections that work.',
        unit: 'percentunit',
        queries: [
          {
            expr: `1 - ${sum(chosen('chartly_database_connections', { state: 'idle' }), 'job')} / ${sum(chosen('chartly_database_connections', { state: 'open' }), 'job')}`,
            legend: '{{job}}',
          },
        ],
      },
      {
        title: 'Waiting',
        description: 'Requests that wait for a connection.',
        unit: 'short',
        queries: [
          { expr: sum(chosen('chartly_database_connections', { state: 'waiting' }), 'job'), legend: '{{job}}' },
        ],
      },
    ],
  };
  return [
    {
      uid: 'chartly-engine-postgres',
      title: 'Chartly / Postgres',
      description: 'Postgres as the nine see it: statements and connections.',
      jobs: all,
      sections: [red('Statements (RED)', 'chartly_database_query_seconds', 'job', 'a statement'), pool],
    },
    {
      uid: 'chartly-engine-queue',
      title: 'Chartly / jobs',
      description: 'The queues, on Postgres or on Redis.',
      jobs: all,
      sections: [red('Jobs (RED)', 'chartly_job_seconds', 'queue', 'a job'), jobs],
    },
    {
      uid: 'chartly-engine-events',
      title: 'Chartly / events',
      description: 'The event engine, DuckDB or ClickHouse.',
      jobs: 'storage',
      sections: [
        red('Operations (RED)', 'chartly_store_seconds', 'operation', 'an operation'),
        ...(OWN.storage ?? []),
        processes,
      ],
    },
    {
      uid: 'chartly-engine-objects',
      title: 'Chartly / objects',
      description: 'The object store, a folder or a server that speaks S3.',
      jobs: 'connector-hub|storage',
      sections: [
        red('Operations (RED)', 'chartly_object_seconds', 'operation', 'an operation'),
        {
          title: 'Bytes',
          panels: [
            {
              title: 'Moved',
              description: 'Bytes put and read each second.',
              unit: 'Bps',
              queries: [
                { expr: orZero(perSecond('chartly_object_bytes_total', {}, 'direction')), legend: '{{direction}}' },
              ],
            },
          ],
        },
      ],
    },
  ];
}

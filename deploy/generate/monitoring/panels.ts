import { Panel, Section } from './dashboard';
import { Labels, orZero, quantile, rate, series, share, sum } from './promql';

/** The panels that more than one dashboard shows: RED (rate, errors, duration) and USE (utilization, saturation, errors). */
export const WINDOW = '$__rate_interval';
const CHOSEN: Labels = { job: '=~$job', instance: '=~$instance' };

/** A series of the chosen components and processes. */
export const chosen = (name: string, labels: Labels = {}): string => series(name, { ...CHOSEN, ...labels });

export const perSecond = (name: string, labels: Labels, ...by: readonly string[]): string =>
  sum(rate(chosen(name, labels), WINDOW), ...by);

interface Histogram {
  readonly title: string;
  readonly what: string;
  readonly metric: string;
  readonly labels?: Labels;
}

/** The median, the 95th and the 99th percentile of a histogram of seconds. */
export const durations = ({ title, what, metric, labels = {} }: Histogram): Panel => ({
  title,
  description: `Time that ${what} takes: the median, and what one in twenty and one in a hundred exceed.`,
  unit: 's',
  queries: [0.5, 0.95, 0.99].map((q) => ({
    expr: orZero(`${quantile(q, chosen(`${metric}_bucket`, labels), WINDOW)} >= 0`),
    legend: `p${q * 100}`,
  })),
});

/** Requests that a component answers. */
export const requests: Section = {
  title: 'Requests answered (RED)',
  panels: [
    {
      title: 'Rate',
      description: 'Requests answered each second, by route. Probes and scrapes are not counted.',
      unit: 'reqps',
      queries: [
        {
          expr: orZero(perSecond('chartly_http_request_seconds_count', {}, 'method', 'route')),
          legend: '{{method}} {{route}}',
        },
      ],
    },
    {
      title: 'Errors',
      description: 'Share of requests that ended with a status of 500 or more.',
      unit: 'percentunit',
      queries: [
        {
          expr: share(
            perSecond('chartly_http_request_seconds_count', { status: '=~5..' }),
            perSecond('chartly_http_request_seconds_count', {}),
          ),
          legend: '5xx',
        },
      ],
    },
    durations({ title: 'Duration', what: 'answering a request', metric: 'chartly_http_request_seconds' }),
  ],
};

/** Calls that a component makes to other services. */
export const calls: Section = {
  title: 'Calls made to other services (RED)',
  panels: [
    {
      title: 'Rate of calls',
      description: 'Contract calls made each second, by the service and method that is called.',
      unit: 'ops',
      queries: [
        {
          expr: orZero(perSecond('chartly_call_seconds_count', {}, 'service', 'method')),
          legend: '{{service}}.{{method}}',
        },
      ],
    },
    {
      title: 'Failed calls',
      description: 'Contract calls that ended with an error, each second, by the service and the type of the error.',
      unit: 'ops',
      queries: [
        {
          expr: orZero(perSecond('chartly_call_seconds_count', { outcome: '!=ok' }, 'service', 'outcome')),
          legend: '{{service}} {{outcome}}',
        },
      ],
    },
    durations({ title: 'Duration of calls', what: 'a contract call', metric: 'chartly_call_seconds' }),
  ],
};

const each = (expr: string): { expr: string; legend: string } => ({ expr, legend: '{{job}} {{instance}}' });

/** What a process uses, and what it lacks. */
export const processes: Section = {
  title: 'Processes (USE)',
  panels: [
    {
      title: 'CPU',
      description: 'Cores that each process uses. Compare with what its pod requests.',
      unit: 'short',
      queries: [each(rate(chosen('process_cpu_seconds_total'), WINDOW))],
    },
    {
      title: 'Memory',
      description: 'Resident memory of each process. Its pod ends when it passes the limit.',
      unit: 'bytes',
      queries: [each(chosen('process_resident_memory_bytes'))],
    },
    {
      title: 'Event loop lag',
      description: 'How late the event loop is, for one turn in a hundred: saturation of the one thread that answers.',
      unit: 's',
      queries: [each(chosen('nodejs_eventloop_lag_p99_seconds'))],
    },
    {
      title: 'Garbage collection',
      description: 'Share of time that each process collects garbage.',
      unit: 'percentunit',
      queries: [each(sum(rate(chosen('nodejs_gc_duration_seconds_sum'), WINDOW), 'job', 'instance'))],
    },
    {
      title: 'Waiting for Postgres',
      description: 'Requests in the process that wait for a connection of its pool.',
      unit: 'short',
      queries: [each(chosen('chartly_database_connections', { state: 'waiting' }))],
    },
    {
      title: 'Open files',
      description: 'Share of the file descriptors that each process may open.',
      unit: 'percentunit',
      queries: [each(`${chosen('process_open_fds')} / ${chosen('process_max_fds')}`)],
    },
  ],
};

/** Whether everything that should run is there. */
export const up: Panel = {
  title: 'Processes that answer',
  description: 'Processes that Prometheus reaches, by component.',
  unit: 'none',
  queries: [{ expr: sum(chosen('up'), 'job'), legend: '{{job}}' }],
};

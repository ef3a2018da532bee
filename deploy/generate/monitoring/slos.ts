import { rate, series, sum } from './promql';

/** A promise that is counted: which share of events may be bad, and how events and good ones are counted. */
export interface Slo {
  readonly id: string;
  readonly title: string;
  readonly promise: string;
  /** Share of events that are good, over 30 days. */
  readonly objective: number;
  /** PromQL of the rate of all events and of good ones over a window. */
  readonly all: (window: string) => string;
  readonly good: (window: string) => string;
}

const REQUESTS = 'chartly_http_request_seconds';
const INGEST = {
  job: 'gateway',
  method: 'POST',
  route: '=~/v1/projects/:project/pipelines/:[a-z]+/(events|batches).*',
};
const QUERY = { job: 'gateway', method: 'POST', route: '=~/v1/projects/:project/query.*' };

/** Good is what took `le` seconds at most, and `good` narrows it further. */
const under = (metric: string, le: string, labels = {}, good = {}): Pick<Slo, 'all' | 'good'> => ({
  all: (window) => sum(rate(series(`${metric}_count`, labels), window)),
  good: (window) => sum(rate(series(`${metric}_bucket`, { ...labels, ...good, le }), window)),
});

export const SLOS: readonly Slo[] = [
  {
    id: 'accept',
    title: 'Ingest is accepted',
    promise: '99.9% of pushes are answered without an error of ours.',
    objective: 0.999,
    all: (window) => sum(rate(series(`${REQUESTS}_count`, INGEST), window)),
    good: (window) => sum(rate(series(`${REQUESTS}_count`, { ...INGEST, status: '!~5..' }), window)),
  },
  {
    id: 'queryable',
    title: 'Data is queryable soon',
    promise: '99% of canary records are found by a query within 10 s of their push.',
    objective: 0.99,
    ...under('chartly_canary_seconds', '10'),
  },
  {
    id: 'query',
    title: 'Queries are answered fast',
    promise: '99% of queries are answered within 1 s, without an error of ours.',
    objective: 0.99,
    ...under(REQUESTS, '1', QUERY, { status: '!~5..' }), // an error of ours is no answer, however fast it comes
  },
  {
    id: 'run_start',
    title: 'Runs begin in time',
    promise: '99% of scheduled runs begin within 5 s of when they are due.',
    objective: 0.99,
    ...under('chartly_run_start_delay_seconds', '5', { trigger: 'schedule' }),
  },
];

/** Windows that error ratios are recorded over. */
export const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
type Window = (typeof WINDOWS)[number];

interface Burn {
  readonly severity: 'page' | 'ticket';
  readonly factor: number;
  readonly long: Window;
  readonly short: Window;
  readonly for: string;
}

/**
 * How fast the budget of 30 days may burn before somebody is told: 2% of it in an hour or 5% in six wake people, 10% in
 * a day or in three is for working hours. From the Site Reliability Workbook, chapter 5, table 5-8.
 */
export const BURNS: readonly Burn[] = [
  { severity: 'page', factor: 14.4, long: '1h', short: '5m', for: '2m' },
  { severity: 'page', factor: 6, long: '6h', short: '30m', for: '15m' },
  { severity: 'ticket', factor: 3, long: '1d', short: '2h', for: '1h' },
  { severity: 'ticket', factor: 1, long: '3d', short: '6h', for: '3h' },
];

export const errorRatio = ({ id }: Slo, window: string): string => `slo:${id}:error_ratio${window}`;

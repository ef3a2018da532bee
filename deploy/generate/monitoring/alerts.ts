import { series } from './promql';
import { BURNS, errorRatio, SLOS } from './slos';

/** Something that somebody must know. Rule 28: `for`, severity, summary, description, and a runbook that exists. */
export interface Alert {
  readonly name: string;
  readonly expr: string;
  readonly for: string;
  /** page: now. ticket: in working hours. */
  readonly severity: 'page' | 'ticket';
  readonly summary: string;
  readonly description: string;
  /** File in `deploy/monitoring/runbooks`, without its ending. */
  readonly runbook: string;
}

const LABELS = '{{ $labels.job }} {{ $labels.instance }}';

export const ALERTS: readonly Alert[] = [
  {
    name: 'ChartlyTargetDown',
    expr: 'up == 0',
    for: '5m',
    severity: 'ticket',
    summary: `${LABELS} does not answer`,
    description: 'Prometheus has not reached this process for 5 minutes.',
    runbook: 'target-down',
  },
  {
    name: 'ChartlyComponentGone',
    expr: 'sum by (job) (up) == 0',
    for: '2m',
    severity: 'page',
    summary: 'No process of {{ $labels.job }} answers',
    description: 'Every process of this component is away; what needs it fails or waits.',
    runbook: 'target-down',
  },
  {
    name: 'ChartlyRestartsOften',
    expr: 'changes(process_start_time_seconds[30m]) > 3',
    for: '5m',
    severity: 'ticket',
    summary: `${LABELS} keeps restarting`,
    description: 'It started {{ $value }} times in half an hour.',
    runbook: 'restarts-often',
  },
  {
    name: 'ChartlyLedgerOutOfBalance',
    expr: 'min by (project, pipeline) (chartly_ledger_balanced) == 0',
    for: '5m',
    severity: 'page',
    summary: 'The books of {{ $labels.project }}/{{ $labels.pipeline }} do not balance',
    description: 'Records were accepted that are accounted for nowhere, or the other way round.',
    runbook: 'ledger-out-of-balance',
  },
  {
    name: 'ChartlyCanaryLate',
    expr: 'min(chartly_canary_ok) == 0',
    for: '2m',
    severity: 'page',
    summary: 'A record of our own does not come through',
    description: 'The canary is under way for more than 30 s: something between push and query stands still.',
    runbook: 'canary-late',
  },
  {
    name: 'ChartlyInboxFilling',
    expr: 'max(chartly_inbox_bytes) / max(chartly_inbox_limit_bytes) > 0.8',
    for: '5m',
    severity: 'page',
    summary: 'The inbox is {{ $value | humanizePercentage }} full',
    description: 'When it is full, pushes get 429 and pulls wait; nothing that was accepted is lost.',
    runbook: 'inbox-filling',
  },
  {
    name: 'ChartlyBatchesOld',
    expr: 'max by (project, pipeline) (chartly_inbox_oldest_seconds) > 900',
    for: '5m',
    severity: 'ticket',
    summary: 'A batch of {{ $labels.project }}/{{ $labels.pipeline }} waits for {{ $value | humanizeDuration }}',
    description: 'It was accepted and is not settled.',
    runbook: 'batches-old',
  },
  {
    name: 'ChartlyQuarantineHigh',
    expr: 'sum by (project, pipeline) (rate(chartly_step_records_total{outcome="quarantined"}[10m])) / (sum by (project, pipeline) (rate(chartly_step_records_total[10m])) > 0) > 0.1',
    for: '10m',
    severity: 'ticket',
    summary: '{{ $value | humanizePercentage }} of {{ $labels.project }}/{{ $labels.pipeline }} goes to quarantine',
    description: 'Records are kept with their reason; a mapping or a schema no longer fits what arrives.',
    runbook: 'quarantine-high',
  },
  {
    name: 'ChartlyJobsPileUp',
    expr: 'max by (queue) (chartly_queue_jobs{state="waiting"}) > 1000',
    for: '10m',
    severity: 'ticket',
    summary: '{{ $value }} jobs wait in {{ $labels.queue }}',
    description: 'More is asked of the workers than they do.',
    runbook: 'jobs-pile-up',
  },
  {
    name: 'ChartlyJobsFail',
    expr: 'sum by (queue) (rate(chartly_job_seconds_count{outcome="failed"}[10m])) / (sum by (queue) (rate(chartly_job_seconds_count[10m])) > 0) > 0.2',
    for: '10m',
    severity: 'ticket',
    summary: '{{ $value | humanizePercentage }} of the jobs in {{ $labels.queue }} fail',
    description: 'They are tried again; what they stand for is kept elsewhere.',
    runbook: 'jobs-fail',
  },
  {
    name: 'ChartlyLoadShed',
    expr: 'sum by (priority) (rate(chartly_gateway_requests_shed_total[5m])) > 1',
    for: '5m',
    severity: 'ticket',
    summary: 'The gateway turns {{ $labels.priority }} requests away',
    description: 'It answers as many at once as CHARTLY_CONCURRENCY_MAX allows.',
    runbook: 'load-shed',
  },
  {
    name: 'ChartlyAuthAway',
    expr: `rate(${series('chartly_auth_stale_total')}[5m]) > 0`,
    for: '5m',
    severity: 'page',
    summary: 'Ingest lives on last known decisions',
    description: 'Auth is away; after CHARTLY_AUTH_STALE_MAX pushes are refused.',
    runbook: 'auth-away',
  },
  {
    name: 'ChartlyPoolExhausted',
    expr: 'max by (job, instance) (chartly_database_connections{state="waiting"}) > 5',
    for: '5m',
    severity: 'ticket',
    summary: `${LABELS} waits for connections to Postgres`,
    description: 'Its pool is busy all the time; what waits longer than 10 s fails.',
    runbook: 'pool-exhausted',
  },
  {
    name: 'ChartlyPostgresErrors',
    expr: 'sum by (job) (rate(chartly_database_query_seconds_count{outcome="failed"}[5m])) > 1',
    for: '10m',
    severity: 'ticket',
    summary: 'Statements of {{ $labels.job }} fail in Postgres',
    description: '{{ $value }} a second.',
    runbook: 'postgres-errors',
  },
  {
    name: 'ChartlyObjectsErrors',
    expr: 'sum by (job) (rate(chartly_object_seconds_count{outcome="failed"}[10m])) / (sum by (job) (rate(chartly_object_seconds_count[10m])) > 0) > 0.1',
    for: '10m',
    severity: 'ticket',
    summary: '{{ $value | humanizePercentage }} of what {{ $labels.job }} asks of the object store fails',
    description: 'Raw segments stay in the inbox until they can be put, which fills it.',
    runbook: 'objects-errors',
  },
  {
    name: 'ChartlyStoreErrors',
    expr: 'sum by (operation) (rate(chartly_store_seconds_count{outcome="failed"}[10m])) / (sum by (operation) (rate(chartly_store_seconds_count[10m])) > 0) > 0.1',
    for: '10m',
    severity: 'page',
    summary: "{{ $value | humanizePercentage }} of the event store's {{ $labels.operation }} fail",
    description: 'Batches wait in the inbox until rows can be stored.',
    runbook: 'store-errors',
  },
  {
    name: 'ChartlyEventLoopBlocked',
    expr: 'nodejs_eventloop_lag_p99_seconds > 0.5',
    for: '10m',
    severity: 'ticket',
    summary: `${LABELS} is late by {{ $value | humanizeDuration }}`,
    description: 'Its one thread has more to do than it can; probes may fail next.',
    runbook: 'event-loop-blocked',
  },
  {
    name: 'ChartlyFilesRunOut',
    expr: 'process_open_fds / process_max_fds > 0.8',
    for: '10m',
    severity: 'ticket',
    summary: `${LABELS} has {{ $value | humanizePercentage }} of its files open`,
    description: 'At the limit it can take no connections.',
    runbook: 'files-run-out',
  },
];

/** An alert for each promise and each speed at which its budget may burn. */
export const BURN_ALERTS: readonly Alert[] = SLOS.flatMap((slo) =>
  BURNS.map(({ severity, factor, long, short, for: duration }): Alert => {
    const budget = Number((1 - slo.objective).toPrecision(6));
    const limit = Number((factor * budget).toPrecision(6));
    return {
      name: `ChartlyBudgetBurns_${slo.id}_${long}`,
      expr: `${errorRatio(slo, long)} > ${limit} and ${errorRatio(slo, short)} > ${limit}`,
      for: duration,
      severity,
      summary: `${slo.title}: the error budget burns ${factor} times too fast`,
      description: `${slo.promise} Over ${long} and ${short}, more than ${limit} of the events were bad.`,
      runbook: `budget-burns-${slo.id.replaceAll('_', '-')}`,
    };
  }),
);

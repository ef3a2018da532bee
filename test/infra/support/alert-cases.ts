/** Series in promtool's notation: `0+1x60` begins with 0 and adds 1 each minute, 60 times. */
type Series = Readonly<Record<string, string>>;

interface Case {
  readonly fires: Series;
  readonly silent: Series;
}

const HTTP = 'chartly_http_request_seconds';

/** For every alert, series that make it fire within an hour, and such that look like it and do not. */
export const ALERT_CASES: Readonly<Record<string, Case>> = {
  ChartlyTargetDown: {
    fires: { 'up{job="audit", instance="a"}': '1x5 0x60' },
    silent: { 'up{job="audit", instance="a"}': '1x10 0x2 1x60' },
  },
  ChartlyComponentGone: {
    fires: { 'up{job="auth", instance="a"}': '0x60', 'up{job="auth", instance="b"}': '0x60' },
    silent: { 'up{job="auth", instance="a"}': '0x60', 'up{job="auth", instance="b"}': '1x60' },
  },
  ChartlyRestartsOften: {
    fires: { 'process_start_time_seconds{job="audit", instance="a"}': '0+1x60' },
    silent: { 'process_start_time_seconds{job="audit", instance="a"}': '1x20 2x60' },
  },
  ChartlyLedgerOutOfBalance: {
    fires: { 'chartly_ledger_balanced{project="p", pipeline="x"}': '1x5 0x60' },
    silent: { 'chartly_ledger_balanced{project="p", pipeline="x"}': '1x40 0x2 1x60' },
  },
  ChartlyCanaryLate: {
    fires: { 'chartly_canary_ok{job="observer"}': '0x60' },
    silent: { 'chartly_canary_ok{job="observer"}': '1x60' },
  },
  ChartlyInboxFilling: {
    fires: { chartly_inbox_bytes: '900x60', chartly_inbox_limit_bytes: '1000x60' },
    silent: { chartly_inbox_bytes: '700x60', chartly_inbox_limit_bytes: '1000x60' },
  },
  ChartlyBatchesOld: {
    fires: { 'chartly_inbox_oldest_seconds{project="p", pipeline="x"}': '0+60x60' },
    silent: { 'chartly_inbox_oldest_seconds{project="p", pipeline="x"}': '600x60' },
  },
  ChartlyQuarantineHigh: {
    fires: steps('0+20x60', '0+80x60'),
    silent: steps('0+5x60', '0+95x60'),
  },
  ChartlyJobsPileUp: {
    fires: { 'chartly_queue_jobs{queue="normalize", state="waiting"}': '5000x60' },
    silent: { 'chartly_queue_jobs{queue="normalize", state="active"}': '5000x60' },
  },
  ChartlyJobsFail: {
    fires: outcomes('chartly_job_seconds_count', 'queue="normalize"', '0+50x60'),
    silent: outcomes('chartly_job_seconds_count', 'queue="normalize"', '0+5x60'),
  },
  ChartlyLoadShed: {
    fires: { 'chartly_gateway_requests_shed_total{priority="bulk"}': '0+600x60' },
    silent: { 'chartly_gateway_requests_shed_total{priority="bulk"}': '0+6x60' },
  },
  ChartlyAuthAway: {
    fires: { 'chartly_auth_stale_total{job="gateway"}': '0+60x60' },
    silent: { 'chartly_auth_stale_total{job="gateway"}': '7x60' },
  },
  ChartlyPoolExhausted: {
    fires: { 'chartly_database_connections{job="auth", instance="a", state="waiting"}': '9x60' },
    silent: { 'chartly_database_connections{job="auth", instance="a", state="open"}': '9x60' },
  },
  ChartlyPostgresErrors: {
    fires: { 'chartly_database_query_seconds_count{job="auth", outcome="failed"}': '0+120x60' },
    silent: { 'chartly_database_query_seconds_count{job="auth", outcome="ok"}': '0+9000x60' },
  },
  ChartlyObjectsErrors: {
    fires: outcomes('chartly_object_seconds_count', 'job="storage"', '0+50x60'),
    silent: outcomes('chartly_object_seconds_count', 'job="storage"', '0+5x60'),
  },
  ChartlyStoreErrors: {
    fires: outcomes('chartly_store_seconds_count', 'operation="append"', '0+50x60'),
    silent: outcomes('chartly_store_seconds_count', 'operation="append"', '0+5x60'),
  },
  ChartlyEventLoopBlocked: {
    fires: { 'nodejs_eventloop_lag_p99_seconds{job="gateway", instance="a"}': '0.9x60' },
    silent: { 'nodejs_eventloop_lag_p99_seconds{job="gateway", instance="a"}': '0.02x60' },
  },
  ChartlyFilesRunOut: {
    fires: {
      'process_open_fds{job="gateway", instance="a"}': '900x60',
      'process_max_fds{job="gateway", instance="a"}': '1000x60',
    },
    silent: {
      'process_open_fds{job="gateway", instance="a"}': '90x60',
      'process_max_fds{job="gateway", instance="a"}': '1000x60',
    },
  },
};

function steps(quarantined: string, passed: string): Series {
  const of = (outcome: string): string =>
    `chartly_step_records_total{project="p", pipeline="x", step="map", outcome="${outcome}"}`;
  return { [of('quarantined')]: quarantined, [of('passed')]: passed };
}

function outcomes(metric: string, labels: string, failed: string): Series {
  return { [`${metric}{${labels}, outcome="failed"}`]: failed, [`${metric}{${labels}, outcome="ok"}`]: '0+100x60' };
}

const FOUR_DAYS = 5_760;
/**
 * What each objective counts, with a share of it bad for four days. Unit of `bad`: events of 100 a minute. Of queries a
 * fifth of that is slow and a fifth a fast error: neither alone burns fast enough to wake somebody.
 */
export function burning(bad: number): Series {
  const grows = (by: number): string => `0+${by}x${FOUR_DAYS}`;
  const good = 100 - bad;
  const ingest = 'job="gateway", method="POST", route="/v1/projects/:project/pipelines/:pipeline/events"';
  const query = 'job="gateway", method="POST", route="/v1/projects/:project/query"';
  return {
    [`${HTTP}_count{${ingest}, status="202"}`]: grows(good),
    [`${HTTP}_count{${ingest}, status="503"}`]: grows(bad),
    [`${HTTP}_count{${query}, status="200"}`]: grows(100 - bad / 5),
    [`${HTTP}_bucket{${query}, status="200", le="1"}`]: grows(100 - (2 * bad) / 5),
    [`${HTTP}_count{${query}, status="503"}`]: grows(bad / 5),
    [`${HTTP}_bucket{${query}, status="503", le="1"}`]: grows(bad / 5),
    chartly_canary_seconds_count: grows(100),
    'chartly_canary_seconds_bucket{le="10"}': grows(good),
    'chartly_run_start_delay_seconds_count{trigger="schedule"}': grows(100),
    'chartly_run_start_delay_seconds_bucket{trigger="schedule", le="5"}': grows(good),
  };
}

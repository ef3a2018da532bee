import { yaml } from '../yaml';
import { Alert, ALERTS, BURN_ALERTS } from './alerts';
import { errorRatio, SLOS, WINDOWS } from './slos';

const SHORT = ['5m', '30m', '1h', '2h', '6h'];

interface Recorded {
  readonly record: string;
  readonly expr: string;
}

const RUNBOOKS = 'deploy/monitoring/runbooks';

/** The rule files of Prometheus, by name. In the subset that 2.42 reads. */
export const ruleFiles = (): Record<string, string> => ({
  'alerts.yml': yaml({ groups: [{ name: 'chartly', rules: ALERTS.map(ruleOf) }] }),
  'recording.yml': yaml({ groups: recordings() }),
  'slo.yml': yaml({ groups: [{ name: 'chartly-slo-alerts', rules: BURN_ALERTS.map(ruleOf) }] }),
});

const ruleOf = ({ name, expr, for: duration, severity, summary, description, runbook }: Alert): object => ({
  alert: name,
  expr,
  for: duration,
  labels: { severity },
  annotations: { summary, description, runbook: `${RUNBOOKS}/${runbook}.md` },
});

function recordings(): object[] {
  const ratios = (windows: readonly string[]): Recorded[] =>
    SLOS.flatMap((slo) =>
      windows.map((window) => ({
        record: errorRatio(slo, window),
        expr: `1 - ((${slo.good(window)}) or vector(0)) / (${slo.all(window)} > 0) or vector(0)`,
      })),
    );
  return [
    { name: 'chartly-slo-short', rules: ratios(SHORT) },
    {
      name: 'chartly-slo-long',
      interval: '5m',
      rules: ratios(WINDOWS.filter((window) => !SHORT.includes(window))),
    },
    {
      name: 'chartly-slo-burn',
      rules: SLOS.map((slo) => ({
        record: `slo:${slo.id}:burn_rate1h`,
        expr: `${errorRatio(slo, '1h')} / ${Number((1 - slo.objective).toPrecision(6))}`,
      })),
    },
    {
      name: 'chartly-requests',
      rules: [
        {
          record: 'job:chartly_http_requests:rate5m',
          expr: 'sum by (job) (rate(chartly_http_request_seconds_count[5m]))',
        },
        {
          record: 'job:chartly_http_request_seconds:p99_5m',
          expr: 'histogram_quantile(0.99, sum by (job, le) (rate(chartly_http_request_seconds_bucket[5m])))',
        },
      ],
    },
  ];
}

import { Ledger } from '#libs/contracts/observer.contract';
import { Api } from '../support/api';
import { until } from '../support/until';

/** A pipeline that takes pushes alone: three columns, one hourly rollup. */
export const METRICS_PIPELINE = `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: metrics, project: default }
spec:
  steps:
    - map:
        id: raw.id
        time: timestamp_ms(raw.t)
        host: raw.host
        value: double(raw.v)
  store:
    dataset: metrics
    time: time
    key: [id]
    mode: append
    columns: { id: string, time: timestamp, host: string, value: double }
  rollups:
    - { name: metrics_hourly, bucket: 1h, by: [host], measures: { n: count(), peak: max(value) } }
`;

export interface PushedEvent {
  readonly id: string;
  readonly t: number;
  readonly host: string;
  readonly v: number;
}

const START_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 1_000;
const HOSTS = 4;

/** The `at`-th event of a series that any number of pushers can share: the same number gives the same event. */
export function eventAt(at: number): PushedEvent {
  return { id: `e-${at}`, t: START_MS + at * STEP_MS, host: `host-${at % HOSTS}`, v: (at * 7919) % 1_000 };
}

export const ndjson = (events: readonly PushedEvent[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join('');

export async function applyMetrics(api: Api): Promise<void> {
  await api.ok('/v1/projects/default/apply', { body: METRICS_PIPELINE, type: 'application/yaml' });
}

export const ledgerOf = (api: Api, pipeline: string): Promise<Ledger> =>
  api.ok<Ledger>(`/v1/projects/default/pipelines/${pipeline}/ledger`);

/** Waits until nothing is pending and gives the books. */
export function settledLedger(api: Api, pipeline: string): Promise<Ledger> {
  return until(`the ledger of ${pipeline} to have nothing pending`, async () => {
    const { status, body } = await api.send<Ledger>(`/v1/projects/default/pipelines/${pipeline}/ledger`);
    return status === 200 && body.records.pending === 0 ? body : undefined;
  });
}

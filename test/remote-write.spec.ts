import { QueryReply } from '#libs/contracts/analytics.contract';
import { CreatedKey } from '#libs/contracts/auth.contract';
import { TestPrometheus } from '#libs/testing/prometheus';
import { describeWithTool } from '#libs/testing/tools';
import { settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';
import { until } from './support/until';

const SAMPLES = `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: samples, project: default }
spec:
  steps:
    - filter: raw.kind == "sample" && !has(raw.special)
    - map: { series: raw.series, name: raw.name, job: raw.labels.job, time: timestamp(raw.time), value: raw.value }
  store:
    dataset: samples
    time: time
    key: [series]
    columns: { series: string, name: string, job: string, time: timestamp, value: double }
`;
const WANTED = 8;

describeWithTool('prometheus', 'a Prometheus that writes to Chartly', () => {
  let chartly: ChartlyUnderTest;
  let prometheus: TestPrometheus;

  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
    await chartly.api.ok('/v1/projects/default/apply', { body: SAMPLES, type: 'application/yaml' });
    const { key } = await chartly.api.json<CreatedKey>('/v1/keys', {
      name: 'prometheus',
      role: 'ingest',
      project: 'default',
    });
    prometheus = await TestPrometheus.start([
      `url: ${chartly.api.url}/v1/projects/default/pipelines/samples/remote-write`,
      `authorization: { credentials: ${key} }`,
      'queue_config: { batch_send_deadline: 500ms, min_backoff: 50ms, max_backoff: 500ms }',
    ]);
  });
  afterAll(async () => {
    await prometheus.stop();
    await chartly.end();
  });

  /** Times and values of the series `up`, by time; undefined while the query is not answered. */
  async function stored(): Promise<[number, number][] | undefined> {
    const { status, body } = await chartly.api.send<QueryReply>('/v1/projects/default/query', {
      body: JSON.stringify({
        dataset: 'samples',
        columns: ['time', 'value'],
        filters: [{ column: 'name', op: 'eq', value: 'up' }],
        order: [{ by: 'time' }],
      }),
      type: 'application/json',
    });
    if (status !== 200) return undefined;
    return body.rows.map(([time, value]) => [Date.parse(time as string) / 1_000, Number(value)]);
  }

  const atLeast = (count: number): Promise<[number, number][]> =>
    until(`${count} samples of "up"`, async () => {
      const rows = await stored();
      return rows && rows.length >= count ? rows : undefined;
    });

  it('has each of its samples stored once, with its time to the millisecond, though Chartly dies between', async () => {
    await atLeast(3);
    await chartly.crash();
    await until('samples while Chartly is away', async () =>
      (await prometheus.samples('up')).length >= 5 ? true : undefined,
    );
    await chartly.boot();
    const rows = await atLeast(WANTED);
    const theirs = (await prometheus.samples('up')).map(({ at, value }): [number, number] => [at, Number(value)]);
    const last = rows.at(-1)?.[0] ?? 0;
    expect(rows).toEqual(theirs.filter(([at]) => at <= last));
  });

  it('has books that balance', async () => {
    await prometheus.stop();
    const { records, rows } = await settledLedger(chartly.api, 'samples');
    expect(records.accepted).toBe(records.normalized + records.filtered);
    expect(rows.produced).toBe(rows.stored + rows.duplicate);
    expect(records.quarantined).toBe(0);
  });
});

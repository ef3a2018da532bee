import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrometheusRead } from '#apps/analytics/prometheus/prometheus-read';
import { SampleSets } from '#apps/analytics/prometheus/sample-sets';
import { DuckDbEventStore } from '#apps/storage/duckdb/duckdb-event-store';
import { EventStore } from '#apps/storage/event-store';
import { freePort } from '#libs/net/free-port';
import { ColumnBatch } from '#libs/contracts/columns';
import { Labels, PrometheusSeries } from '#libs/contracts/prometheus';
import { QueryPlan } from '#libs/contracts/query-plan';
import { ProjectOnly } from '#libs/contracts/sql';
import { InstallDataset, StorageContract } from '#libs/contracts/storage.contract';
import { seededRandom } from '../support/random';
import { until } from '../support/until';

const START_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 10_000;
const STEPS = 720;
/** Scrapes do not fall on the times that are asked for, where versions of Prometheus differ by a sample. */
const PHASE_MS = 3_000;

const missing = ['prometheus', 'promtool'].filter((tool) => spawnSync('which', [tool]).status !== 0);
const title = missing.length === 0 ? '' : ` [skipped: ${missing.join(' and ')} not installed]`;

interface Sample {
  readonly labels: Labels;
  readonly name: string;
  readonly at: number;
  readonly value: number;
}

function samples(): Sample[] {
  const random = seededRandom(7);
  const all: Sample[] = [];
  for (const job of ['api', 'web']) {
    for (const code of ['200', '500']) {
      let count = 0;
      for (let step = 0; step < STEPS; step += 1) {
        count = random() < 0.005 ? 0 : count + Math.floor(random() * 10); // now and then it begins anew
        if (random() < 0.03) continue; // a scrape that failed
        all.push({
          name: 'requests_total',
          labels: { job, code },
          at: START_MS + PHASE_MS + step * STEP_MS,
          value: count,
        });
      }
    }
    for (let step = 0; step < STEPS; step += 1) {
      if (job === 'web' && step > 300 && step < 360) continue; // longer away than a sample counts
      all.push({
        name: 'temperature',
        labels: { job, room: `r ${job}` },
        at: START_MS + PHASE_MS + step * STEP_MS,
        value: Math.round(random() * 400) / 4,
      });
    }
  }
  return all;
}

const EXPRESSIONS = [
  'temperature',
  'requests_total{job="api"}',
  'requests_total{code!="200"}',
  '{__name__=~"temp.*", job=~"a.i|web"}',
  'requests_total{code!~"5.."}',
  'temperature offset 10m',
  'rate(requests_total[5m])',
  'rate(requests_total{job="web"}[1m] offset 5m)',
  'irate(requests_total[2m])',
  'increase(requests_total[10m])',
  'delta(temperature[7m])',
  'idelta(temperature[2m])',
  'avg_over_time(temperature[5m])',
  'max_over_time(temperature[3m])',
  'min_over_time(temperature[3m])',
  'sum_over_time(temperature[3m])',
  'count_over_time(temperature[3m])',
  'last_over_time(temperature[3m])',
  'changes(temperature[3m])',
  'resets(requests_total[30m])',
  'sum(rate(requests_total[5m]))',
  'sum by (job) (rate(requests_total[5m]))',
  'avg without (code) (requests_total)',
  'max(temperature) by (room)',
  'min(temperature)',
  'count(requests_total)',
  'stddev(requests_total)',
  'quantile(0.9, requests_total)',
  'group(requests_total) by (code)',
  'topk(1, temperature)',
  'sum(rate(requests_total{code="500"}[5m])) by (job) / sum(rate(requests_total[5m])) by (job)',
  'requests_total / on(job, code) requests_total',
  'requests_total - ignoring(room) requests_total offset 1m',
  'temperature > 50',
  'temperature > bool 50',
  '100 - temperature',
  '-temperature',
  '2 ^ 3 * 4 % 5',
  'temperature * 2 + 1',
  'temperature > 20 and temperature < 80',
  'temperature < 20 or temperature > 80',
  'temperature unless temperature > 50',
  'abs(temperature - 50)',
  'ceil(temperature)',
  'floor(temperature / 3)',
  'sqrt(temperature)',
  'clamp_max(temperature, 60)',
  'clamp_min(temperature, 40)',
  'scalar(sum(temperature))',
  'vector(1)',
  'time()',
  'nothing_of_this_name',
];

(missing.length === 0 ? describe : describe.skip)(`PromQL over stored samples${title}`, () => {
  let folder: string;
  let events: EventStore;
  let read: PrometheusRead;
  let prometheus: ChildProcess;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartly-prometheus-'));
    const all = samples();
    events = await DuckDbEventStore.open({ folder: join(folder, 'events'), memoryLimit: 128 * 2 ** 20 });
    await store(events, all);
    const reads = {
      tables: (request: ProjectOnly) => events.tables(request),
      query: (plan: QueryPlan) => events.query(plan),
    };
    read = new PrometheusRead(new SampleSets(reads as unknown as StorageContract)); // all that reading takes
    await writeFile(join(folder, 'samples.txt'), openMetrics(all));
    const made = spawnSync('promtool', [
      'tsdb',
      'create-blocks-from',
      'openmetrics',
      join(folder, 'samples.txt'),
      join(folder, 'tsdb'),
    ]);
    if (made.status !== 0) throw new Error(`promtool: ${made.stderr.toString()}`);
    await writeFile(join(folder, 'prometheus.yml'), 'scrape_configs: []\n');
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    prometheus = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'tsdb')}`,
        '--storage.tsdb.retention.time=100y',
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    await until('prometheus to be ready', async () => {
      const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
      return answer?.ok ? true : undefined;
    });
  });

  afterAll(async () => {
    prometheus.kill();
    await once(prometheus, 'exit');
    await events.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(EXPRESSIONS)('answers %s as Prometheus does', async (query) => {
    const [startMs, endMs, stepMs] = [START_MS + 600_000, START_MS + 6_900_000, 60_000];
    const own = await read.query({ project: 'default', query, startMs, endMs, stepMs });
    const parameters = {
      query,
      start: String(startMs / 1_000),
      end: String(endMs / 1_000),
      step: String(stepMs / 1_000),
    };
    const answer = await fetch(`${url}/api/v1/query_range?${new URLSearchParams(parameters).toString()}`);
    const { data } = (await answer.json()) as { data: { result: PrometheusSeries[] } }; // Prometheus' own shape
    expect(differences(own.series, data.result)).toEqual([]);
  });

  it('knows the labels and series that there are', async () => {
    const { series } = await read.select({
      project: 'default',
      matches: ['requests_total{job="api"}'],
      startMs: START_MS,
      endMs: START_MS + 7_200_000,
    });
    expect(series.map(({ code }) => code).sort()).toEqual(['200', '500']);
  });

  it.each([
    'sum(',
    'x[1h:5m]',
    'x @ 1',
    'a * on(job) group_left b',
    'histogram_quantile(0.9, x)',
    'label_replace(up, "a", "b", "c", "d")',
    'rate(x)',
    'x[5m]',
    '1 > 2',
    'x{a=~"("}',
    `${'('.repeat(2_000)}1${')'.repeat(2_000)}`,
  ])('says of %s that it is not answered, and why', async (query) => {
    const asked = read.query({ project: 'default', query, startMs: START_MS, endMs: START_MS, stepMs: 1 });
    await expect(asked).rejects.toMatchObject({ code: 'promql.unsupported', status: 400 });
  });
});

async function store(events: EventStore, all: readonly Sample[]): Promise<void> {
  const ref = { project: 'default', dataset: 'samples' };
  const columns: InstallDataset['columns'] = [
    { name: 'time', type: 'timestamp', nullable: false },
    { name: 'name', type: 'string', nullable: false },
    { name: 'labels', type: 'json', nullable: false },
    { name: 'series', type: 'string', nullable: false },
    { name: 'value', type: 'double', nullable: false },
  ];
  await events.installDataset({ ...ref, time: 'time', key: ['series'], columns });
  const rows = ColumnBatch.of(all.length, [
    { name: 'time', type: 'timestamp', values: BigInt64Array.from(all, ({ at }) => BigInt(at) * 1_000n) },
    { name: 'name', type: 'string', values: all.map(({ name }) => name) },
    { name: 'labels', type: 'json', values: all.map(({ labels }) => JSON.stringify(labels)) },
    { name: 'series', type: 'string', values: all.map(({ name, labels }) => `${name}${JSON.stringify(labels)}`) },
    { name: 'value', type: 'double', values: Float64Array.from(all, ({ value }) => value) },
  ]);
  await events.append({ ...ref, appendId: 'all', epoch: 0, rows });
}

function openMetrics(all: readonly Sample[]): string {
  const line = ({ name, labels, at, value }: Sample): string => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${name}{${pairs.join(',')}} ${value} ${at / 1_000}`;
  };
  const of = (name: string): string[] => all.filter((one) => one.name === name).map(line);
  return [
    '# TYPE requests counter',
    ...of('requests_total'),
    '# TYPE temperature gauge',
    ...of('temperature'),
    '# EOF',
    '',
  ].join('\n');
}

function differences(own: readonly PrometheusSeries[], theirs: readonly PrometheusSeries[]): unknown[] {
  const sorted = (all: readonly PrometheusSeries[]): PrometheusSeries[] =>
    [...all].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const [mine, other] = [sorted(own), sorted(theirs)];
  if (JSON.stringify(mine.map(nameOf)) !== JSON.stringify(other.map(nameOf)))
    return [mine.map(nameOf), other.map(nameOf)];
  return mine
    .flatMap(({ metric, values }, at): unknown[] => {
      const theirValues = other[at]?.values ?? [];
      if (values.length !== theirValues.length) return [{ metric, own: values.length, theirs: theirValues.length }];
      return values.flatMap(([time, text], index) => {
        const [theirTime, theirText] = theirValues[index]!; // as many
        const same =
          time === theirTime &&
          (text === theirText ||
            Math.abs(Number(text) - Number(theirText)) <= 1e-9 * Math.max(1, Math.abs(Number(text))));
        return same ? [] : [{ metric, time, text, theirTime, theirText }];
      });
    })
    .slice(0, 3);
}

const nameOf = ({ metric }: PrometheusSeries): string =>
  JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));

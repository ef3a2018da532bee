import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Child } from '#apps/cli/up/child';
import { EXAMPLES_FOLDER } from '../support/paths';
import { QueryReply } from '#libs/contracts/analytics.contract';
import { Ledger } from '#libs/contracts/observer.contract';
import { Run, RunPage } from '#libs/contracts/orchestrator.contract';
import { substituteEnv } from '#libs/documents/substitute-env';
import { Api } from '../support/api';
import { until } from '../support/until';
import { ledgerOf } from './pushed-events';

/** The features of the real data set, and those that the upstream breaks on purpose. */
export const REAL_RECORDS = 1_707;
export const BROKEN_RECORDS = 5;

/** The example's upstream on a free port. */
export class Upstream {
  private constructor(
    private readonly child: Child,
    readonly url: string,
  ) {}

  static async start(dataDir: string): Promise<Upstream> {
    const child = new Child({
      args: [join(EXAMPLES_FOLDER, 'earthquakes', 'upstream.mjs'), '--host', '127.0.0.1', '--port', '0'],
      env: process.env,
      logFile: join(dataDir, 'upstream.log'),
    });
    const listening = await child.line(/upstream listening on (http:\/\/127\.0\.0\.1:\d+)/);
    if (listening?.[1] === undefined) throw new Error(`The upstream did not start: ${child.complaint}`);
    return new Upstream(child, listening[1]);
  }

  get host(): string {
    return new URL(this.url).host;
  }

  stop(): Promise<void> {
    return this.child.stop(5_000);
  }
}

export async function earthquakeDocuments(upstream: Upstream): Promise<string> {
  const text = await readFile(join(EXAMPLES_FOLDER, 'earthquakes', 'pipeline.yaml'), 'utf8');
  return substituteEnv(text, { USGS_URL: `${upstream.url}/fdsnws/event/1` });
}

/** Applies the example and waits until its first run has ended well. */
export async function loadEarthquakes(api: Api, upstream: Upstream): Promise<Run> {
  await api.ok('/v1/projects/default/apply', { body: await earthquakeDocuments(upstream), type: 'application/yaml' });
  return until('the first run of earthquakes to end', async () => {
    const { runs } = await api.ok<RunPage>('/v1/projects/default/runs?pipeline=earthquakes');
    const ended = runs.find(({ state }) => state === 'succeeded' || state === 'failed');
    if (ended?.state === 'failed') throw new Error(`The run failed: ${JSON.stringify(ended)}`);
    return ended;
  });
}

/** The books of the example after its first pull, whatever the layout. */
export async function expectBalancedBooks(api: Api): Promise<Ledger> {
  const ledger = await ledgerOf(api, 'earthquakes');
  expect(ledger.problems).toEqual([]);
  expect(ledger.balanced).toBe(true);
  expect(ledger.records).toEqual({
    accepted: REAL_RECORDS + BROKEN_RECORDS,
    normalized: REAL_RECORDS,
    filtered: 0,
    quarantined: BROKEN_RECORDS,
    discarded: 0,
    pending: 0,
  });
  expect(ledger.rows).toEqual({ produced: REAL_RECORDS, stored: REAL_RECORDS, merged: 0, stale: 0, duplicate: 0 });
  expect(ledger.dataset).toEqual({ stored: REAL_RECORDS, held: REAL_RECORDS, expired: 0, erased: 0, replaced: 0 });
  return ledger;
}

export interface HourlyRow {
  readonly hour: string;
  readonly network: string;
  readonly n: number;
  readonly strongest: number | null;
}

/** The rollup's rows, in the order of hour and network. */
export async function hourlyRows(api: Api): Promise<HourlyRow[]> {
  const reply = await api.json<QueryReply>('/v1/projects/default/query', { rollup: 'quakes_hourly', limit: 100_000 });
  return rowsOf(reply);
}

/** The same question asked of the raw rows. */
export async function hourlyRowsFromRaw(api: Api): Promise<HourlyRow[]> {
  const reply = await api.json<QueryReply>('/v1/projects/default/query', {
    dataset: 'earthquakes',
    bucket: '1h',
    dimensions: ['network'],
    measures: { n: 'count()', strongest: 'max(magnitude)' },
    limit: 100_000,
  });
  return rowsOf(reply);
}

function rowsOf({ columns, rows }: QueryReply): HourlyRow[] {
  const at = (name: string): number => columns.findIndex((column) => column.name === name);
  const [hour, network, n, strongest] = ['bucket', 'network', 'n', 'strongest'].map(at) as [
    number,
    number,
    number,
    number,
  ]; // four names give four places
  return rows
    .map((row) => ({
      hour: new Date(row[hour] as string).toISOString(),
      network: row[network] as string, // a text column
      n: Number(row[n]),
      strongest: row[strongest] === null ? null : Number(row[strongest]),
    }))
    .sort((a, b) => (a.hour + a.network < b.hour + b.network ? -1 : 1));
}

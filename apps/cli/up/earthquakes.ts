import { join } from 'node:path';
import { Schemas } from '#libs/client/client';
import { Client } from '../client';
import { readDocuments } from '../commands/documents';
import { describeLedger } from '../commands/ledger';
import { followRun } from '../commands/runs';
import { inProject, RemoteOptions, YAML } from '../context';
import { CommandFailed } from '../failure';
import { formatTable, say } from '../output';
import { Child } from './child';
import { EXAMPLES } from './paths';

const FOLDER = join(EXAMPLES, 'earthquakes');
/** Kept from start to start, so that the connection's URL, and with it the pipeline's version, stays the same. */
const UPSTREAM_PORT = 8099;
const UPSTREAM_STOP_MS = 5_000;
const POLL_MS = 100;
const IN_DEFAULT = inProject({ project: 'default' });

/** The example: a public API of earthquakes on this machine, and the pipeline that pulls it. */
export class Earthquakes {
  private constructor(
    private readonly upstream: Child,
    readonly url: string,
  ) {}

  /** Starts the upstream, on its usual port or, when that is taken, on any free one. */
  static async start(dataDir: string, env: NodeJS.ProcessEnv): Promise<Earthquakes> {
    for (const port of [UPSTREAM_PORT, 0]) {
      const upstream = new Child({
        args: [join(FOLDER, 'upstream.mjs'), '--host', '127.0.0.1', '--port', String(port)],
        env,
        logFile: join(dataDir, 'logs', 'upstream.log'),
      });
      const listening = await upstream.line(/upstream listening on (http:\/\/127\.0\.0\.1:\d+)/);
      if (listening?.[1] !== undefined) return new Earthquakes(upstream, listening[1]);
    }
    throw new CommandFailed('The example upstream did not start; see logs/upstream.log in the data folder.');
  }

  /** The one host and port that the server must be allowed to reach for the example. */
  get egress(): string {
    return new URL(this.url).host;
  }

  /** Applies the documents and waits until the first run has ended. */
  async load(client: Client, options: RemoteOptions): Promise<void> {
    const env = { ...process.env, USGS_URL: `${this.url}/fdsnws/event/1` };
    const body = await readDocuments([join(FOLDER, 'pipeline.yaml')], env);
    const { documents } = await client.ask((api) =>
      api.POST('/v1/projects/{project}/apply', { params: IN_DEFAULT, body, headers: YAML }),
    );
    for (const { kind, name, version, change } of documents) say(`  ${kind} ${name} version ${version}: ${change}`);
    const run = await this.firstRun(client);
    const { state, reason } = await followRun(client, options, run.id);
    if (state !== 'succeeded') say(`  The run ${state}: ${reason ?? 'no reason was kept'}.`);
  }

  async show(client: Client): Promise<string> {
    const params = inProject({ project: 'default' }, { pipeline: 'earthquakes' });
    const ledger = await client.ask((api) => api.GET('/v1/projects/{project}/pipelines/{pipeline}/ledger', { params }));
    const body = { rollup: 'quakes_hourly', limit: 8 };
    const rollup = await client.ask((api) => api.POST('/v1/projects/{project}/query', { params: IN_DEFAULT, body }));
    const table = formatTable({ columns: rollup.columns.map(({ name }) => name), rows: rollup.rows });
    return `${describeLedger(ledger)}\n\nrollup quakes_hourly, its first rows:\n${indent(table)}`;
  }

  stop(): Promise<void> {
    return this.upstream.stop(UPSTREAM_STOP_MS);
  }

  /** A scheduled pipeline runs at once when it is first applied; on a later start its newest run is shown. */
  private async firstRun(client: Client): Promise<Schemas['Run']> {
    const params = { ...IN_DEFAULT, query: { pipeline: 'earthquakes', limit: 20 } };
    for (;;) {
      const { runs } = await client.ask((api) => api.GET('/v1/projects/{project}/runs', { params }));
      const run = runs.find(({ state }) => state !== 'missed' && state !== 'skipped');
      if (run) return run;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

const indent = (text: string): string => text.replace(/^/gm, '  ');

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from '#apps/cli/up/server';
import { SplitServers } from '#apps/cli/up/split';
import { freePort } from '#libs/net/free-port';
import { restoreBackup } from '#libs/backup/restore';
import { Api } from './api';

export type Layout = 'one process' | 'nine processes';

interface Running {
  readonly url: string;
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** A Chartly under test, built and started as a user's is, on free ports and a data folder of its own. */
export class ChartlyUnderTest {
  readonly dataDir: string;
  private running?: Running;
  private env: NodeJS.ProcessEnv;

  private constructor(
    readonly layout: Layout,
    dataDir: string,
    env: NodeJS.ProcessEnv,
  ) {
    this.dataDir = dataDir;
    this.env = env;
  }

  /** `prepare` may furnish the data folder before anything runs on it. */
  static async start(
    layout: Layout,
    extra: NodeJS.ProcessEnv = {},
    prepare: (dataDir: string) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<ChartlyUnderTest> {
    const dataDir = await mkdtemp(join(tmpdir(), 'chartly-test-'));
    await chmod(dataDir, 0o755); // as root, Postgres runs as nobody, and then stays inside the folder
    await prepare(dataDir);
    const env = {
      ...process.env,
      NODE_ENV: 'production',
      CHARTLY_PORT: String(await freePort()),
      CHARTLY_INTERNAL_PORT: String(await freePort()),
      ...extra,
    };
    const chartly = new ChartlyUnderTest(layout, dataDir, env);
    await chartly.boot();
    return chartly;
  }

  /** One process on the data of a backup. */
  static async restored(backup: string): Promise<ChartlyUnderTest> {
    const dataDir = await mkdtemp(join(tmpdir(), 'chartly-restored-'));
    await chmod(dataDir, 0o755);
    await restoreBackup(backup, dataDir);
    const ports = { CHARTLY_PORT: String(await freePort()), CHARTLY_INTERNAL_PORT: String(await freePort()) };
    const env = { ...process.env, NODE_ENV: 'production', ...ports };
    const chartly = new ChartlyUnderTest('one process', dataDir, env);
    await chartly.boot();
    return chartly;
  }

  get api(): Api {
    return new Api(`http://127.0.0.1:${this.env.CHARTLY_PORT}`, this.dataDir);
  }

  /** What Prometheus would read of the one process. */
  async metrics(): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.env.CHARTLY_INTERNAL_PORT}/metrics`);
    return response.text();
  }

  /** Of the one process. */
  get pid(): number {
    const pid = this.running instanceof Server ? this.running.pid : undefined;
    if (pid === undefined) throw new Error('There is no one process running.');
    return pid;
  }

  /** Starts it on the data that is there. */
  async boot(): Promise<void> {
    const options = { dataDir: this.dataDir, env: this.env };
    this.running = this.layout === 'one process' ? new Server(options) : await SplitServers.start(options);
    await this.running.ready();
  }

  /** kill -9 of the one process; what it started itself is left behind, as in a real crash. */
  async crash(): Promise<void> {
    if (!(this.running instanceof Server)) throw new Error('Only one process crashes as a whole.');
    await this.running.kill();
  }

  /** The nine processes, to end one of them. */
  get split(): SplitServers {
    if (!(this.running instanceof SplitServers)) throw new Error('This is one process.');
    return this.running;
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    this.running = undefined;
  }

  /** Stops it and removes its data. */
  async end(): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

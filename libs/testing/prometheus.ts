import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RawSample {
  /** Seconds since 1970, as Prometheus says it. */
  readonly at: number;
  readonly value: string;
}

/** A Prometheus on a free port that scrapes itself every second. */
export class TestPrometheus {
  private constructor(
    readonly url: string,
    private readonly server: ChildProcess,
    private readonly folder: string,
  ) {}

  /** `remoteWrite`: the members of its one remote_write, as YAML. */
  static async start(remoteWrite?: readonly string[]): Promise<TestPrometheus> {
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), 'chartly-prometheus-'));
    const config = [
      'global: { scrape_interval: 1s, scrape_timeout: 1s }',
      'scrape_configs:',
      `  - { job_name: self, static_configs: [{ targets: ["127.0.0.1:${port}"] }] }`,
      ...(remoteWrite ? ['remote_write:', `  - ${remoteWrite.join('\n    ')}`] : []),
    ];
    await writeFile(join(folder, 'prometheus.yml'), `${config.join('\n')}\n`);
    const args = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ];
    const server = spawn('prometheus', args, { stdio: 'ignore', cwd: folder });
    return new TestPrometheus(`http://127.0.0.1:${port}`, server, folder);
  }

  /** The samples that it holds of a selector, over the last hour; none while it is not up. */
  async samples(selector: string): Promise<RawSample[]> {
    const query = new URLSearchParams({ query: `${selector}[1h]` });
    const answer = await fetch(`${this.url}/api/v1/query?${query.toString()}`).catch(() => undefined);
    if (!answer?.ok) return [];
    const { data } = (await answer.json()) as { data: { result: { values: [number, string][] }[] } }; // its HTTP API
    return data.result.flatMap(({ values }) => values.map(([at, value]) => ({ at, value })));
  }

  async stop(): Promise<void> {
    if (this.server.exitCode === null) {
      this.server.kill('SIGTERM');
      await once(this.server, 'exit');
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new TypeError('A TCP server has a port.');
  return address.port;
}

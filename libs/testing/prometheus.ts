import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerProcess } from './server-process';

export interface RawSample {
  /** Seconds since 1970, as Prometheus says it. */
  readonly at: number;
  readonly value: string;
}

/** A Prometheus on a free port that scrapes itself every second. */
export class TestPrometheus {
  private constructor(private readonly server: ServerProcess) {}

  get url(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  /** `remoteWrite`: the members of its one remote_write, as YAML. */
  static async start(remoteWrite?: readonly string[]): Promise<TestPrometheus> {
    const server = await ServerProcess.start('prometheus', async (port, folder) => {
      const config = [
        'global: { scrape_interval: 1s, scrape_timeout: 1s }',
        'scrape_configs:',
        `  - { job_name: self, static_configs: [{ targets: ["127.0.0.1:${port}"] }] }`,
        ...(remoteWrite ? ['remote_write:', `  - ${remoteWrite.join('\n    ')}`] : []),
      ];
      const file = join(folder, 'prometheus.yml');
      await writeFile(file, `${config.join('\n')}\n`);
      return [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ];
    });
    return new TestPrometheus(server);
  }

  /** The samples that it holds of a selector, over the last hour; none while it is not up. */
  async samples(selector: string): Promise<RawSample[]> {
    const query = new URLSearchParams({ query: `${selector}[1h]` });
    const answer = await fetch(`${this.url}/api/v1/query?${query.toString()}`).catch(() => undefined);
    if (!answer?.ok) return [];
    const { data } = (await answer.json()) as { data: { result: { values: [number, string][] }[] } }; // its HTTP API
    return data.result.flatMap(({ values }) => values.map(([at, value]) => ({ at, value })));
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

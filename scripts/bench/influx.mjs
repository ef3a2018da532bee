/** An InfluxDB 1.x of the bench's own: loopback ports, a folder that goes with it, nothing sent anywhere. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { FIELDS, hostName, hoursOf, regionName } from './tsbs.mjs';

const { Pool } = createRequire(import.meta.url)('undici');
const PROGRAM = 'influxd';
const READY_WITHIN_MS = 30_000;
const LINES_AT_ONCE = 10_000;
const MIB = 2 ** 20;

/** Where the program is installed; undefined when it is not. */
export const influxProgram = () =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
    .map((folder) => join(folder, PROGRAM))
    .find((path) => existsSync(path));

/** Its memory is bounded by the size of what it has not written to its files yet. */
const configuration = (folder, http, rpc) => `
reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${join(folder, 'meta')}"
  logging-enabled = false
[data]
  dir = "${join(folder, 'data')}"
  wal-dir = "${join(folder, 'wal')}"
  query-log-enabled = false
  cache-max-memory-size = ${256 * MIB}
  cache-snapshot-memory-size = ${25 * MIB}
[http]
  bind-address = "127.0.0.1:${http}"
  log-enabled = false
[monitor]
  store-enabled = false
[subscriber]
  enabled = false
[continuous_queries]
  enabled = false
[logging]
  level = "error"
  suppress-logo = true
`;

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export class Influx {
  #process;
  #folder;
  #pool;

  static async start(program) {
    const influx = new Influx();
    influx.#folder = mkdtempSync(join(tmpdir(), 'chartly-bench-influx-'));
    const [http, rpc] = [await freePort(), await freePort()];
    const file = join(influx.#folder, 'influxdb.conf');
    for (const name of ['meta', 'data', 'wal']) mkdirSync(join(influx.#folder, name));
    writeFileSync(file, configuration(influx.#folder, http, rpc));
    influx.#process = spawn(program, ['-config', file], { stdio: 'ignore' });
    influx.#pool = new Pool(`http://127.0.0.1:${http}`, { connections: 1, pipelining: 1 });
    await influx.#ready();
    return influx;
  }

  /** Loads the bench's rows by line protocol. */
  async load(size) {
    await this.#post('/query?q=CREATE%20DATABASE%20bench', '');
    for (const { length, times, host, fields } of hoursOf(size)) {
      for (let from = 0; from < length; from += LINES_AT_ONCE) {
        const lines = [];
        for (let row = from; row < Math.min(length, from + LINES_AT_ONCE); row += 1) {
          const values = FIELDS.map((field, at) => `${field}=${fields[at][row]}`).join(',');
          const tags = `hostname=${hostName(host(row))},region=${regionName(host(row))}`;
          lines.push(`cpu,${tags} ${values} ${times[row] / 1_000}`);
        }
        await this.#post('/write?db=bench&precision=s', lines.join('\n'));
      }
    }
  }

  /** The bytes of the answer to an InfluxQL query. */
  async query(q) {
    const { statusCode, body } = await this.#pool.request({
      method: 'GET',
      path: `/query?db=bench&q=${encodeURIComponent(q)}`,
    });
    const bytes = Buffer.from(await body.arrayBuffer());
    if (statusCode !== 200) throw new Error(`InfluxDB answered ${statusCode}: ${bytes}`);
    return bytes;
  }

  async stop() {
    await this.#pool?.close();
    if (this.#process && this.#process.exitCode === null) {
      this.#process.kill('SIGTERM');
      await once(this.#process, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ready() {
    const until = Date.now() + READY_WITHIN_MS;
    for (;;) {
      const alive = await this.#pool.request({ method: 'GET', path: '/ping' }).catch(() => undefined);
      await alive?.body.dump();
      if (alive?.statusCode === 204) return;
      if (Date.now() > until || this.#process.exitCode !== null) {
        await this.stop();
        throw new Error('InfluxDB did not come to answer.');
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #post(path, body) {
    const answer = await this.#pool.request({ method: 'POST', path, body });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`InfluxDB answered ${answer.statusCode}: ${text}`);
  }
}

/** The rows of an answer as a question tells them: of each series, each line of values. */
export function influxRows(bytes, { row }) {
  const [result] = JSON.parse(bytes).results;
  if (result.error) throw new Error(`InfluxDB refused a query: ${result.error}`);
  return (result.series ?? []).flatMap(({ tags = {}, columns, values }) =>
    values.map((cells) =>
      row({ tags, cells, named: Object.fromEntries(columns.map((name, at) => [name, cells[at]])) }),
    ),
  );
}

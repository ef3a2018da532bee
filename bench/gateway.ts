import { ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Connection, saturate, timesAt } from './http-load';

/**
 * What the gateway costs: an authenticated GET of something in memory, with RBAC and limits, beside bare Fastify with one
 * route that answers the same, in the same run and in turns. Prints figures; judges nothing.
 *
 *     npm run bench:gateway [-- --seconds 3 --rounds 3]
 */
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3' }, rounds: { type: 'string', default: '3' } },
});
const MS = Number(values.seconds) * 1_000;
const ROUNDS = Number(values.rounds);
const CONNECTIONS = 32;
/** Until the engine has compiled what is hot. */
const WARM_UP_REQUESTS = 30_000;
const WARM_UP_STEP_MS = 500;
const PATH = '/v1/projects/default/runs/0190f5c4-0000-7000-8000-000000000001';
const AUTHORIZATION = 'Bearer ck_0190f5c40000700080000000000000ff_0123456789012345678901234567890123456789012_000000';
const REQUEST = Buffer.from(
  [`GET ${PATH} HTTP/1.1`, 'host: 127.0.0.1', `authorization: ${AUTHORIZATION}`, 'user-agent: bench', '\r\n'].join(
    '\r\n',
  ),
);

class Served {
  readonly rates: number[] = [];
  readonly cpuMicros: number[] = [];

  private constructor(
    readonly name: string,
    readonly body: string,
    private readonly child: ChildProcess,
    readonly connections: readonly Connection[],
  ) {}

  static async start(name: 'bare' | 'gateway'): Promise<Served> {
    const child = fork(join(__dirname, 'gateway-server.js'), [name], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const [{ port }] = (await once(child, 'message')) as [{ port: number }]; // as it says once it listens
    const answer = await fetch(`http://127.0.0.1:${port}${PATH}`, { headers: { authorization: AUTHORIZATION } });
    const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => Connection.open(port, REQUEST)));
    for (let answers = 0; answers < WARM_UP_REQUESTS;) answers += await saturate(connections, WARM_UP_STEP_MS);
    return new Served(name, await answer.text(), child, connections);
  }

  async round(): Promise<void> {
    const [before, begin] = [await this.cpu(), performance.now()];
    const answers = await saturate(this.connections, MS);
    this.rates.push((answers * 1_000) / (performance.now() - begin));
    this.cpuMicros.push(((await this.cpu()) - before) / answers);
  }

  end(): void {
    for (const connection of this.connections) connection.close();
    this.child.disconnect();
  }

  /** Processor time that the server has used. Unit: microseconds. */
  private async cpu(): Promise<number> {
    const told = once(this.child, 'message');
    this.child.send('cpu');
    const [{ cpu }] = (await told) as [{ cpu: NodeJS.CpuUsage }]; // as it answers
    return cpu.user + cpu.system;
  }
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? NaN;
const tell = (name: string, figure: string): void =>
  void process.stdout.write(`${name.padEnd(52)}${figure.padStart(16)}\n`);
const count = (figure: number): string => Math.round(figure).toLocaleString('en');

async function main(): Promise<void> {
  const bare = await Served.start('bare');
  const gateway = await Served.start('gateway');
  if (bare.body !== gateway.body) throw new Error('The two do not answer the same.');
  for (let round = 0; round < ROUNDS; round += 1) for (const one of [bare, gateway]) await one.round();
  for (const { name, rates, cpuMicros } of [bare, gateway]) {
    tell(`${name}: requests/s, ${CONNECTIONS} connections`, count(median(rates)));
    tell(`${name}: processor time a request, µs`, median(cpuMicros).toFixed(1));
  }
  tell("share of bare Fastify's requests/s", (median(gateway.rates) / median(bare.rates)).toFixed(2));
  tell('the same by processor time', (median(bare.cpuMicros) / median(gateway.cpuMicros)).toFixed(2));
  const rate = median(gateway.rates) / 2;
  const p99: number[][] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [at, one] of [bare, gateway].entries()) {
      const times = await timesAt(rate, one.connections, MS);
      p99[at]!.push(times[Math.floor(times.length * 0.99)]!); // both are there
    }
  }
  const [alone, through] = p99.map(median) as [number, number]; // one each
  tell(`p99 at ${count(rate)} requests/s: bare, ms`, alone.toFixed(2));
  tell(`p99 at ${count(rate)} requests/s: gateway, ms`, through.toFixed(2));
  tell('added p99 at half of saturation, ms', (through - alone).toFixed(2));
  for (const one of [bare, gateway]) one.end();
}

void main();

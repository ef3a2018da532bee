import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#libs/net/free-port';
import { ROOT } from './support/paths';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command as a person runs it, in the checkout, with a data folder and ports of its own. */
class Terminal {
  private constructor(
    readonly dataDir: string,
    readonly env: NodeJS.ProcessEnv,
  ) {}

  static async open(extra: NodeJS.ProcessEnv = {}): Promise<Terminal> {
    const dataDir = await mkdtemp(join(tmpdir(), 'chartly-newcomer-'));
    await chmod(dataDir, 0o755); // as root, Postgres runs as nobody, and then stays inside the folder
    return new Terminal(dataDir, {
      ...process.env,
      NODE_OPTIONS: '',
      CHARTLY_DATA_DIR: dataDir,
      CHARTLY_PORT: String(await freePort()),
      CHARTLY_INTERNAL_PORT: String(await freePort()),
      ...extra,
    });
  }

  start(...args: readonly string[]) {
    const child = spawn(process.execPath, [...args], { cwd: ROOT, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    let seen = (): void => undefined;
    child.stdout.setEncoding('utf8').on('data', (text: string) => ((stdout += text), seen()));
    child.stderr.setEncoding('utf8').on('data', (text: string) => ((stderr += text), seen()));
    const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, stdout, stderr })); // node's own event
    const said = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        seen = () => (stdout + stderr).includes(text) && resolve();
        seen();
        void ended.then(() => reject(new Error(`It ended before it said "${text}":\n${stdout}${stderr}`)));
      });
    return { child, ended, said };
  }

  chartly(...args: readonly string[]): Promise<Ended> {
    return this.start('bin/chartly.js', ...args).ended;
  }

  async close(): Promise<void> {
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** Processes whose command line names `text`. */
function processesNaming(text: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(text) && !line.includes(' ps '));
}

describe('what a newcomer runs', () => {
  let terminal: Terminal;

  beforeEach(async () => (terminal = await Terminal.open()));
  afterEach(() => terminal.close());

  it('npm start shows the example with its books; commands beside it need no address; Ctrl-C leaves only the data', async () => {
    const { child, ended, said } = terminal.start('scripts/start.mjs');
    await said('Ctrl-C');
    const ledger = await terminal.chartly('ledger', 'earthquakes', '-o', 'json');
    expect(JSON.parse(ledger.stdout)).toMatchObject({
      pipeline: 'earthquakes',
      records: { accepted: 1712, normalized: 1707, quarantined: 5, pending: 0 },
      rows: { produced: 1707, stored: 1707, duplicate: 0 },
      dataset: { stored: 1707, held: 1707 },
      balanced: true,
    });
    const verdict = await terminal.chartly('audit', 'verify');
    expect(verdict).toMatchObject({ code: 0 });
    const doctor = await terminal.chartly('doctor');
    expect(doctor).toMatchObject({ code: 0 });
    expect(await terminal.chartly('query', 'nowhere')).toMatchObject({ code: 1, stdout: '' });
    expect(await terminal.chartly('query')).toMatchObject({ code: 2, stdout: '' });

    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('The data is kept') });
    expect(stdout).toContain('balanced');
    expect(stdout).toMatch(/quakes_hourly[\s\S]*strongest/);
    expect(stderr).toContain(`http://127.0.0.1:${terminal.env.CHARTLY_PORT}`);
    expect(processesNaming(terminal.dataDir)).toEqual([]);
    expect(await readdir(terminal.dataDir)).not.toContain('local-url');
  });

  it('says in one sentence that the port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number }; // it listens
    terminal.env.CHARTLY_PORT = String(port);
    const { code, stderr } = await terminal.chartly('up');
    taken.close();
    expect(code).toBe(1);
    expect(lastSentence(stderr)).toBe(
      `chartly: Port ${port} of 127.0.0.1 is taken. Free it, or choose another with CHARTLY_PORT.`,
    );
  });

  it('says in one sentence that the data folder cannot be written', async () => {
    terminal.env.CHARTLY_DATA_DIR = '/proc/chartly';
    const { code, stderr } = await terminal.chartly('up');
    expect(code).toBe(1);
    expect(lastSentence(stderr)).toMatch(
      /^chartly: The data folder cannot be written: .*Name another in CHARTLY_DATA_DIR\.$/,
    );
  });

  it('names a wrong variable and what is allowed', async () => {
    terminal.env.CHARTLY_LOG_LEVEL = 'loud';
    const { code, stderr } = await terminal.chartly('up');
    expect(code).toBe(1);
    expect(lastSentence(stderr)).toMatch(/CHARTLY_LOG_LEVEL.*"loud".*info/);
  });

  it('says in one sentence that Node is too old', async () => {
    const asNode18 = `data:text/javascript,${encodeURIComponent(
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } });",
    )}`;
    const { code, stdout, stderr } = await terminal.start('--import', asNode18, 'scripts/start.mjs').ended;
    const { engines } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } }; // ours
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('chartly: Node 18.20.4 is too old: Chartly needs Node 20.19 or newer (nodejs.org).\n');
    expect(engines.node).toContain('20.19');
  });
});

const lastSentence = (text: string): string => text.trim().split('\n').at(-1) ?? '';

import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'undici';
import { until } from './until';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser that is installed here. */
const found = NAMES.find((name) => spawnSync(name, ['--version']).status === 0);

/** A suite that wants a browser; skipped, with the reason in its title, where there is none. */
export const describeWithChromium = (title: string, suite: () => void): void =>
  found === undefined
    ? describe.skip(`${title} [skipped: no browser: install chromium]`, suite)
    : describe(title, suite);

interface Reply {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** A headless browser with one page, driven over the Chrome DevTools Protocol. */
export class Chromium {
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private commands = 0;
  private session?: string;

  private constructor(
    private readonly child: ChildProcess,
    private readonly socket: WebSocket,
    private readonly profile: string,
  ) {
    socket.addEventListener('message', ({ data }) => {
      const reply = JSON.parse(String(data)) as Reply; // as the protocol has it
      if (reply.id !== undefined) this.waiting.get(reply.id)?.(reply);
    });
  }

  static async start(): Promise<Chromium> {
    if (found === undefined) throw new Error('There is no browser here.');
    const profile = await mkdtemp(join(tmpdir(), 'chartly-browser-'));
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
    const child = spawn(found, [...flags, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const socket = new WebSocket(await addressOf(child));
    await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
    const browser = new Chromium(child, socket, profile);
    const { targetId } = await browser.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
    const attach = { targetId, flatten: true };
    browser.session = (await browser.send<{ sessionId: string }>('Target.attachToTarget', attach)).sessionId;
    return browser;
  }

  /** One command of the protocol. Throws what it refuses it with. */
  async send<T>(method: string, params: object = {}): Promise<T> {
    const id = (this.commands += 1);
    const replied = new Promise<Reply>((resolve) => this.waiting.set(id, resolve));
    this.socket.send(JSON.stringify({ id, method, params, sessionId: this.session }));
    const { result, error } = await replied;
    this.waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as T; // as the protocol has it
  }

  /** What an expression in the page comes to, once its promise is settled. Throws what it throws. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send<{
      result: { value: T };
      exceptionDetails?: { exception?: { description?: string } };
    }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'It threw.');
    return result.value;
  }

  /** Goes to a page, and waits until it is there. */
  async open(url: string): Promise<void> {
    await this.send('Page.navigate', { url });
    const isThere = `document.readyState === 'complete' && location.href.startsWith(${JSON.stringify(url)})`;
    await until(`the page ${url}`, async () => ((await this.evaluate<boolean>(isThere)) ? true : undefined));
  }

  /** Puts files into an input of the page. */
  async choose(selector: string, ...files: readonly string[]): Promise<void> {
    const { root } = await this.send<{ root: { nodeId: number } }>('DOM.getDocument');
    const { nodeId } = await this.send<{ nodeId: number }>('DOM.querySelector', { nodeId: root.nodeId, selector });
    await this.send('DOM.setFileInputFiles', { nodeId, files });
  }

  async end(): Promise<void> {
    const gone = once(this.child, 'exit');
    await this.send('Browser.close').catch(() => this.child.kill());
    await gone;
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Where the browser listens, as it says itself. */
async function addressOf(child: ChildProcess): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface(child.stderr!)) {
    lines.push(line);
    const [, address] = /^DevTools listening on (ws:\S+)/.exec(line) ?? [];
    if (address === undefined) continue;
    child.stderr!.resume(); // nobody reads on, and it must not wait for who does
    return address;
  }
  throw new Error(`The browser ended: ${lines.join('\n')}`);
}

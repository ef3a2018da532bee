import { ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { until } from './until';

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A Chromium of this machine, if there is one. */
export const CHROMIUM = PLACES.find((place) => place !== undefined && existsSync(place));

interface Answer {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A page in a headless Chromium, spoken to by the DevTools protocol over pipes: no port, no package. */
export class Browser {
  private last = 0;
  private session?: string;
  private readonly waiting = new Map<number, (answer: Answer) => void>();

  private constructor(
    private readonly process: ChildProcess,
    private readonly profile: string,
  ) {
    let held = '';
    (process.stdio[4] as Readable).on('data', (text: Buffer) => {
      const messages = (held + text.toString()).split('\0');
      held = messages.pop() ?? '';
      for (const message of messages) {
        const answer = JSON.parse(message) as Answer; // as the protocol says
        if (answer.id !== undefined) this.waiting.get(answer.id)?.(answer);
      }
    });
  }

  static async open(url: string): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'chartly-browser-'));
    const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
    const process = spawn(CHROMIUM!, [...args, `--user-data-dir=${profile}`, '--remote-debugging-pipe'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const browser = new Browser(process, profile);
    const { targetId } = await browser.ask('Target.createTarget', { url });
    const { sessionId } = await browser.ask('Target.attachToTarget', { targetId, flatten: true });
    browser.session = sessionId as string;
    await until('the page to be loaded', () => browser.isLoaded());
    return browser;
  }

  /** Until then there is nothing that an expression could run in, or it is about to go. */
  private async isLoaded(): Promise<true | undefined> {
    const address = `location.href !== 'about:blank' && document.readyState === 'complete'`;
    return (await this.evaluate<boolean>(address).catch(() => false)) || undefined;
  }

  /** What an expression gives in the page, promises awaited. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.ask('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value; // the test says what it expects
  }

  /** Puts a file into an input of the page. */
  async choose(selector: string, ...files: readonly string[]): Promise<void> {
    const { root } = await this.ask('DOM.getDocument', {});
    const { nodeId } = await this.ask('DOM.querySelector', { nodeId: (root as { nodeId: number }).nodeId, selector });
    await this.ask('DOM.setFileInputFiles', { nodeId, files });
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await ended;
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private async ask(method: string, params: object): Promise<Record<string, unknown>> {
    const id = (this.last += 1);
    const answered = new Promise<Answer>((resolve) => this.waiting.set(id, resolve));
    const message = { id, method, params, ...(this.session === undefined ? {} : { sessionId: this.session }) };
    (this.process.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    const { result, error } = await answered;
    this.waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }
}

import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { CommandFailed } from '../failure';

/** The exit of a child: its code, or the signal that ended it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface ChildOptions {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
}

const KEPT_LINES = 20;

/**
 * A Node process that we started and answer for. It runs in a process group of its own, so that Ctrl-C reaches it only
 * through us; it learns of our death by the closing of its IPC channel, even after a kill -9.
 */
export class Child {
  /** Resolves when the process has ended. */
  readonly exited: Promise<Exit>;
  /** Resolves to true when the process says that it serves, to false when it ends before that. */
  readonly ready: Promise<boolean>;
  private readonly process: ChildProcess;
  private readonly log: WriteStream;
  private readonly lastErrors: string[] = [];
  private ended?: Exit;

  constructor({ args, env, logFile }: ChildOptions) {
    makeFolder(dirname(logFile));
    this.log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
    this.process = spawn(process.execPath, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.process.stdout?.pipe(this.log, { end: false });
    this.process.stderr?.pipe(this.log, { end: false });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => this.keep(text));
    this.exited = this.waitForExit();
    this.ready = Promise.race([
      new Promise<true>((resolve) => this.process.once('message', () => resolve(true))),
      this.exited.then(() => false),
    ]);
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  get exit(): Exit | undefined {
    return this.ended;
  }

  /** The last lines it wrote to stderr: why it ended, when it ended badly. */
  get complaint(): string {
    return this.lastErrors.join('\n').trim();
  }

  /** Ends once the process has written a line that `pattern` matches; undefined when it exits first. */
  async line(pattern: RegExp): Promise<RegExpExecArray | undefined> {
    let seen = '';
    return new Promise((resolve) => {
      this.process.stdout?.on('data', (chunk: Buffer) => {
        seen += chunk.toString('utf8');
        const match = pattern.exec(seen);
        if (match) resolve(match);
      });
      void this.exited.then(() => resolve(undefined));
    });
  }

  /** Asks it to drain and waits; after `graceMs` it is killed. */
  async stop(graceMs: number): Promise<void> {
    if (this.ended) return;
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  /** Ends it at once, with no chance to drain: what a crash does. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited;
  }

  private async waitForExit(): Promise<Exit> {
    const [code, signal] = (await once(this.process, 'close')) as [number | null, NodeJS.Signals | null]; // node's own event
    this.ended = { code, signal };
    this.log.end();
    return this.ended;
  }

  private keep(text: string): void {
    this.lastErrors.push(...text.split('\n').filter((line) => line.trim() !== ''));
    this.lastErrors.splice(0, Math.max(0, this.lastErrors.length - KEPT_LINES));
  }
}

/** Node's own recursive mkdir never comes back from folders like /proc, so each level is made by itself. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (thrown) {
    if (existsSync(folder)) return; // somebody else made it meanwhile
    throw new CommandFailed(
      `The data folder cannot be written: ${thrown instanceof Error ? thrown.message : String(thrown)}. Name another in CHARTLY_DATA_DIR.`,
    );
  }
}

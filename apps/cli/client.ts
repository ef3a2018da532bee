import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { answer, ChartlyClient, chartlyClient, Outcome, Problem, RequestRefused } from '#libs/client/client';
import { CommandFailed } from './failure';

const TIMEOUT_MS = 90_000;

export interface Connection {
  readonly url: string;
  readonly key?: string;
  readonly dataDir: string;
}

/** The public API, as the command line speaks to it. */
export class Client {
  /** A request ends with its answer, and within {@link TIMEOUT_MS}. */
  private readonly bounded: ChartlyClient;
  private readonly endless: ChartlyClient;

  constructor(private readonly connection: Connection) {
    this.bounded = this.speaking(() => AbortSignal.timeout(TIMEOUT_MS));
    this.endless = this.speaking(() => undefined);
  }

  get url(): string {
    return this.connection.url;
  }

  /** What a request answers. Throws {@link CommandFailed} with the problem's own sentence, or one for a server that is away. */
  ask<T>(request: (api: ChartlyClient) => Promise<Outcome<T>>): Promise<Exclude<T, undefined>> {
    return this.answered(request(this.bounded));
  }

  /** The bytes of the answer to a request with `parseAs: 'stream'`, as long as they take; throws as {@link ask} does. */
  async stream(request: (api: ChartlyClient) => Promise<Outcome<Response['body']>>): Promise<Readable> {
    const body = await this.answered(request(this.endless));
    return Readable.from(body === null ? [] : this.whole(body), { objectMode: false });
  }

  private async *whole(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* Readable.fromWeb(body) as AsyncIterable<Uint8Array>; // fetch gives bytes
    } catch {
      throw new CommandFailed(`The connection to Chartly at ${this.connection.url} broke off; what came is not all.`);
    }
  }

  private speaking(signal: () => AbortSignal | undefined): ChartlyClient {
    return chartlyClient({
      url: this.connection.url,
      key: () => this.credential(),
      fetch: (request) => fetch(request, { signal: signal() }),
    });
  }

  private async answered<T>(asked: Promise<Outcome<T>>): Promise<Exclude<T, undefined>> {
    try {
      return await answer(asked);
    } catch (thrown) {
      if (thrown instanceof CommandFailed) throw thrown;
      if (!(thrown instanceof RequestRefused)) throw this.away();
      throw new CommandFailed(thrown.message, 1, places(thrown.problem), thrown.status);
    }
  }

  private away(): CommandFailed {
    return new CommandFailed(
      `Chartly does not answer at ${this.connection.url}. Start it with "npm start", or name another address with --url.`,
    );
  }

  private async credential(): Promise<string> {
    if (this.connection.key !== undefined) return this.connection.key;
    const file = join(this.connection.dataDir, 'local-token');
    try {
      return (await readFile(file, 'utf8')).trim();
    } catch {
      throw new CommandFailed(
        `No credential: set CHARTLY_KEY to an API key, or run where the data folder of a local Chartly is (looked for ${file}).`,
      );
    }
  }
}

/** Where what is wrong, unless the one sentence says it all. */
function places({ detail, errors = [] }: Problem): string[] {
  const [only, ...more] = errors;
  if (only && more.length === 0 && detail.includes(only.message)) return [];
  return errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
}

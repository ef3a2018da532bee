import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { answer, ChartlyClient, chartlyClient, Outcome, RequestRefused } from '#libs/client/client';
import { Problem } from '#libs/errors/problem';
import { CommandFailed } from './failure';

const TIMEOUT_MS = 90_000;

export interface Connection {
  readonly url: string;
  readonly key?: string;
  readonly dataDir: string;
}

interface Sent {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly json?: unknown;
  readonly text?: { readonly body: string | Uint8Array<ArrayBuffer>; readonly type: string };
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
}

/** The public REST API, as the command line speaks to it. */
export class Client {
  private readonly api: ChartlyClient;

  constructor(private readonly connection: Connection) {
    this.api = chartlyClient({
      url: connection.url,
      key: () => this.credential(),
      fetch: (request) => fetch(request, { signal: AbortSignal.timeout(TIMEOUT_MS) }),
    });
  }

  get url(): string {
    return this.connection.url;
  }

  /** What a request to the typed API answers. Throws as {@link call} does. */
  async ask<T>(request: (api: ChartlyClient) => Promise<Outcome<T>>): Promise<Exclude<T, undefined>> {
    try {
      return await answer(request(this.api));
    } catch (thrown) {
      if (thrown instanceof RequestRefused)
        throw new CommandFailed(thrown.message, 1, places(thrown.problem), thrown.status);
      throw thrown instanceof CommandFailed ? thrown : this.away();
    }
  }

  /** The JSON answer of a path that is put together at run time. Throws {@link CommandFailed} with the problem's own sentence, or one for a server that is away. */
  async call<T>(path: string, sent: Sent = {}): Promise<T> {
    const response = await this.send(path, sent);
    if (response.ok) return response.status === 204 ? (undefined as T) : ((await response.json()) as T); // the API's own shape
    throw await refusal(response);
  }

  /** The bytes of the answer, as long as they take; throws as {@link call} does. */
  async download(path: string, sent: Sent = {}): Promise<Readable> {
    const response = await this.send(path, sent, null);
    if (!response.ok) throw await refusal(response);
    return response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
  }

  private async send(
    path: string,
    { method, json, text, headers, query }: Sent,
    signal: AbortSignal | null = AbortSignal.timeout(TIMEOUT_MS),
  ): Promise<Response> {
    const url = new URL(path, this.connection.url);
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const body = json === undefined ? text?.body : JSON.stringify(json);
    const type = json === undefined ? text?.type : 'application/json';
    try {
      return await fetch(url, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        body,
        headers: {
          authorization: `Bearer ${await this.credential()}`,
          ...(type === undefined ? {} : { 'content-type': type }),
          ...headers,
        },
        signal,
      });
    } catch (thrown) {
      throw thrown instanceof CommandFailed ? thrown : this.away();
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

async function refusal(response: Response): Promise<CommandFailed> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as Problem; // checked by use: a body of another shape falls through below
    if (typeof problem.detail === 'string')
      return new CommandFailed(problem.detail, 1, places(problem), response.status);
  } catch {
    // not JSON: some proxy answered; its status is all there is to say
  }
  return new CommandFailed(`${response.url} answered ${response.status} ${response.statusText}.`);
}

const places = ({ errors = [] }: Pick<Problem, 'errors'>): string[] =>
  errors.map(({ path, message }) => `${path}: ${message}`);

import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { Clock } from '#libs/clock/clock';
import { HttpPull } from '#libs/documents/sources/http';
import { AllowList } from '#libs/egress/allow-list';
import { EgressGuard } from '#libs/egress/egress-guard';
import { ReadEnd, RecordPart, SourcePage } from '../source-reader';
import { Asker } from './asker';
import { Credentials } from './credentials';
import { HttpReader } from './http-reader';
import { HttpState } from './http-state';
import { OAuthTokens } from './oauth-tokens';

export interface Heard {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Reply = (heard: Heard, response: ServerResponse, count: number) => void;

/** A real HTTP server on this machine that behaves as a test tells it to, and remembers what it heard. */
export class ApiServer {
  readonly heard: Heard[] = [];
  reply: Reply = (_heard, response) => response.end('[]');

  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(): Promise<ApiServer> {
    const holder: { api?: ApiServer } = {};
    const server = createServer((request, response) => void holder.api?.take(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return (holder.api = new ApiServer(server, `http://127.0.0.1:${port}`));
  }

  /** Answers each question with JSON. */
  json(answer: (heard: Heard, count: number) => unknown): void {
    this.reply = (heard, response, count) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer(heard, count)));
    };
  }

  get paths(): string[] {
    return this.heard.map(({ url }) => `${url.pathname}${url.search}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer); // bodies come as buffers
    const heard = {
      method: request.method ?? '',
      url: new URL(request.url ?? '/', this.origin),
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    this.heard.push(heard);
    this.reply(heard, response, this.heard.length);
  }
}

/** A clock that a test moves; it goes on by itself, too, since waits are real. */
export class MovedClock extends Clock {
  aheadMs = 0;

  override now(): Date {
    return new Date(Date.now() + this.aheadMs);
  }
}

export interface Pulled {
  readonly pages: SourcePage<HttpState>[];
  readonly records: unknown[];
  readonly state: Partial<HttpState>;
  readonly end: ReadEnd;
}

/** A reader as one process has it, allowed to reach this machine. */
export function openReader(clock: Clock = new Clock()): OpenReader {
  const guard = new EgressGuard(AllowList.parse(['127.0.0.1']), undefined, async () => Promise.resolve(['127.0.0.1']));
  const reader = new HttpReader(new Asker(guard, new Credentials(new OAuthTokens(guard, clock)), clock), clock);
  return { reader, clock };
}

export interface OpenReader {
  readonly reader: HttpReader;
  readonly clock: Clock;
}

/** What a test says of a source; the URL is the server's when left out. */
export type SourceLike = Omit<Partial<HttpPull>, 'http'> & { readonly http?: Partial<HttpPull['http']> };

/** A source of the server; what fails is tried again at once, twice. */
export const sourceOf = (api: ApiServer, more: SourceLike = {}): HttpPull => ({
  limits: { retry: RETRY },
  ...more,
  http: { url: `${api.origin}/items`, ...more.http },
});

export const RETRY = { max: 2, backoff: 'fixed', initial: '1ms' } as const;

/** Records of the ids from `from` to before `to`. */
export const ids = (from: number, to: number): { id: number }[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, at) => ({ id: from + at }));

/** Reads as the puller does: each page's state becomes what the next slice begins with, as JSON. */
export async function pull(
  { reader, clock }: OpenReader,
  source: HttpPull,
  begun: Partial<HttpState> = {},
  { pagesMax = 1_000, sliceMs = 5_000, pipeline = 'p' } = {},
): Promise<Pulled> {
  const pages: SourcePage<HttpState>[] = [];
  let state = begun;
  const reading = reader.read({
    pipeline: { project: 'default', pipeline },
    source,
    state,
    until: clock.now().getTime() + sliceMs,
    signal: new AbortController().signal,
  });
  let end: ReadEnd = { done: false, waitMs: 0 };
  for (let next = await reading.next(); ; next = await reading.next()) {
    if (next.done) {
      end = next.value;
      break;
    }
    pages.push(next.value);
    state = JSON.parse(JSON.stringify(next.value.state)) as HttpState; // it was one
    if (pages.length === pagesMax) break;
  }
  await reading.return(end);
  return { pages, records: pages.flatMap(({ parts }) => parts.flatMap(recordsOf)), state, end };
}

function recordsOf({ format, payload }: RecordPart): unknown[] {
  const text = Buffer.from(payload).toString('utf8');
  if (format === 'json') return JSON.parse(text) as unknown[]; // parts are lists
  return text.trim().split('\n');
}

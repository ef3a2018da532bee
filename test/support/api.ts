import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { IncomingMessage, request } from 'node:http';
import { join } from 'node:path';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

interface Sent {
  readonly method?: string;
  readonly body?: string | Uint8Array;
  readonly type?: string;
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The public API as a client over HTTP sees it, authenticated as the local operator unless a key is given. */
export class Api {
  constructor(
    readonly url: string,
    private readonly dataDir: string,
  ) {}

  async send<T = unknown>(path: string, { method, body, type, key, headers }: Sent = {}): Promise<Answer<T>> {
    const credential = key === undefined ? await this.localToken() : key;
    const response = await fetch(new URL(path, this.url), {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      body,
      headers: {
        ...(credential === null ? {} : { authorization: `Bearer ${credential}` }),
        ...(type === undefined ? {} : { 'content-type': type }),
        ...headers,
      },
    });
    const text = await (isStream(response) ? beginningOf(response) : response.text());
    return { status: response.status, headers: response.headers, body: parsed(text) as T }; // the test says what it expects
  }

  /** The status that a request gets whose headers go out just as they are written. */
  async raw(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<{ status: number }> {
    const authorization = `Bearer ${await this.localToken()}`;
    const sent = request(new URL(path, this.url), { method, headers: { authorization, ...headers } });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]; // what node emits
    answer.resume();
    await once(answer, 'end');
    return { status: answer.statusCode ?? 0 };
  }

  /** The answer's body; throws with the problem when the status is not a success. */
  async ok<T>(path: string, sent?: Sent): Promise<T> {
    const { status, body } = await this.send<T>(path, sent);
    if (status >= 300) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  json<T>(path: string, value: unknown, sent: Sent = {}): Promise<T> {
    return this.ok<T>(path, { ...sent, body: JSON.stringify(value), type: 'application/json' });
  }

  async localToken(): Promise<string> {
    return (await readFile(join(this.dataDir, 'local-token'), 'utf8')).trim();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const isStream = (response: Response): boolean =>
  response.headers.get('content-type')?.startsWith('text/event-stream') === true;

/** What comes first of a stream that does not end by itself. */
async function beginningOf({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return first?.value ? Buffer.from(first.value as Uint8Array).toString('utf8') : ''; // what fetch gives
}

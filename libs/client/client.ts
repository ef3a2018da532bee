import createClient, { type Client, type ClientOptions } from 'openapi-fetch';
import type { components, paths } from './api.js';

/** What a request or an answer is made of, by the name that the API's description gives it. */
export type Schemas = components['schemas'];
/** RFC 9457 problem details, as every refusal has them. */
export type Problem = Schemas['Problem'];
/** One method a verb; each takes a path of the API and knows what goes with it. */
export type ChartlyClient = Client<paths, Answered>;
/** How an answer is read where the caller does not say: tables come as CSV or Arrow only for who asks with `parseAs`. */
type Answered = 'application/json' | 'application/problem+json';

export interface ChartlyOptions {
  /** Where Chartly answers: `https://chartly.example.com`. */
  readonly url: string;
  /** An API key or an access token; asked for at each request where it is a function. None for routes that take none. */
  readonly key?: string | (() => string | Promise<string>);
  /** Sends requests in the place of the platform's own `fetch`. */
  readonly fetch?: ClientOptions['fetch'];
}

/** The public API. Nothing is tried again: a {@link RequestRefused} says when trying again makes sense. */
export function chartlyClient({ url, key, fetch }: ChartlyOptions): ChartlyClient {
  const client = createClient<paths>({
    baseUrl: url.replace(/\/+$/, ''),
    ...(fetch === undefined ? {} : { fetch }),
    bodySerializer: (body: unknown) => (isRaw(body) ? body : JSON.stringify(body)),
  });
  client.use({
    async onRequest({ request }) {
      const credential = typeof key === 'function' ? await key() : key;
      if (credential !== undefined) request.headers.set('authorization', `Bearer ${credential}`);
      return request;
    },
  });
  return client;
}

/** A request that was refused, in the API's own words. */
export class RequestRefused extends Error {
  constructor(
    readonly status: number,
    /** What the answer said; of an answer that is no problem document, its status alone. */
    readonly problem: Problem,
    /** How long to wait before trying again; undefined where that would change nothing. Unit: milliseconds. */
    readonly retryAfterMs?: number,
  ) {
    super(problem.detail);
    this.name = 'RequestRefused';
  }

  /** What went wrong, stable and dotted: `project.unknown`. */
  get code(): string {
    return this.problem.code;
  }
}

/** What a method of the client gives. */
export interface Outcome<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The answer's body, of a request that succeeded. Throws {@link RequestRefused}, and what `fetch` throws. */
export async function answer<T>(asked: Promise<Outcome<T>>): Promise<Exclude<T, undefined>> {
  const { data, error, response } = await asked;
  if (response.ok) return data as Exclude<T, undefined>; // undefined is of the type where the status has no body
  throw refusal(error, response);
}

function refusal(error: unknown, { status, statusText, url, headers }: Response): RequestRefused {
  const seconds = Number(headers.get('retry-after') ?? NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : undefined;
  if (isProblem(error)) return new RequestRefused(status, error, retryAfterMs);
  const detail = `${url} answered ${status} ${statusText}.`;
  return new RequestRefused(
    status,
    { type: 'about:blank', title: statusText, status, code: 'http.status', detail },
    retryAfterMs,
  );
}

const isProblem = (error: unknown): error is Problem =>
  typeof error === 'object' && error !== null && 'code' in error && 'detail' in error;

/** Text and bytes go out as they are: documents, NDJSON, CSV. */
const isRaw = (body: unknown): body is string | Uint8Array => typeof body === 'string' || body instanceof Uint8Array;

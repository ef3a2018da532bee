import { AwsV4Signer } from 'aws4fetch';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Agent, Dispatcher, request } from 'undici';
import { ChartlyError, Unavailable } from '#libs/errors/errors';
import { escapeKey, S3Place } from './s3-place';
import { readError } from './s3-xml';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** The whole key, with the configured prefix; left out for the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
}

export interface S3Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable & { text(): Promise<string>; dump(): Promise<void> };
}

/** An answer that says no: the caller knows what its status means for what was asked. */
export class S3Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

const ATTEMPTS = 5;
const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 30_000;
const CONNECTIONS = 32;
const ERROR_MAX_CHARS = 300;
/** Codes of refusals that come by without our doing, whatever their status. */
const PASSING = new Set(['RequestTimeout', 'RequestTimeTooSkewed', 'OperationAborted', 'ConditionalRequestConflict']);

const ownAgent = (): Agent =>
  new Agent({
    connections: CONNECTIONS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  });

class Passing extends Error {}

/**
 * Speaks HTTP to an S3 server: signed requests (AWS Signature Version 4, with the body's SHA-256), tried up to 5 times
 * with growing waits when the server is away, busy or throttles. Every attempt has an end.
 */
export class S3Client {
  private readonly again = retry(
    handleWhen((thrown) => thrown instanceof Passing),
    { maxAttempts: ATTEMPTS - 1, backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 5_000 }) },
  );
  private readonly signingKeys = new Map<string, ArrayBuffer>();

  constructor(
    private readonly place: S3Place,
    private readonly credentials: S3Credentials,
    private readonly agent: Dispatcher = ownAgent(),
  ) {}

  /** Throws {@link S3Refusal} for what stays refused, Unavailable `objects.unavailable` when no attempt got through. */
  async send(wanted: S3Request): Promise<S3Answer> {
    wanted.signal?.throwIfAborted();
    try {
      return await this.again.execute(() => this.attempt(wanted), wanted.signal);
    } catch (thrown) {
      if (thrown instanceof Passing) throw unavailable(thrown.message, thrown.cause);
      throw thrown;
    }
  }

  /** As {@link send}, for answers that are short texts. */
  async text(wanted: S3Request): Promise<{ readonly answer: S3Answer; readonly text: string }> {
    const answer = await this.send(wanted);
    try {
      return { answer, text: await answer.body.text() };
    } catch (cause) {
      throw unavailable('The object store broke off its answer', cause);
    }
  }

  private async attempt(wanted: S3Request): Promise<S3Answer> {
    const { url, headers } = await this.signed(wanted);
    let answer: S3Answer;
    try {
      const { statusCode, ...rest } = await request(url, {
        method: wanted.method,
        headers,
        body: wanted.body ?? null,
        dispatcher: this.agent,
        signal: wanted.signal,
      });
      answer = { status: statusCode, ...rest };
    } catch (cause) {
      if (wanted.signal?.aborted) throw cause;
      throw new Passing(`The object store does not answer (${reasonOf(cause)})`, { cause });
    }
    if (answer.status < 300) return answer;
    const said = await answer.body.text().catch(() => '');
    const { code = `HTTP ${answer.status}`, message = said } = readError(said) ?? {};
    const short = message.slice(0, ERROR_MAX_CHARS);
    if (answer.status >= 500 || answer.status === 429 || PASSING.has(code)) {
      throw new Passing(`The object store cannot do it now (${code}: ${short})`);
    }
    if (answer.status === 401 || (answer.status === 403 && wanted.method !== 'HEAD')) throw denied(code, short);
    throw new S3Refusal(answer.status, code, short);
  }

  private async signed(wanted: S3Request): Promise<{ url: URL; headers: Record<string, string> }> {
    const url = new URL(this.place.bucketUrl + (wanted.key === undefined ? '/' : `/${escapeKey(wanted.key)}`));
    for (const [name, value] of Object.entries(wanted.query ?? {})) url.searchParams.set(name, value);
    const signed = await new AwsV4Signer({
      method: wanted.method,
      url: url.toString(),
      headers: {
        ...wanted.headers,
        'x-amz-content-sha256': createHash('sha256')
          .update(wanted.body ?? '')
          .digest('hex'),
      },
      ...this.credentials,
      service: 's3',
      region: this.place.region,
      cache: this.signingKeys,
    }).sign();
    return { url: signed.url, headers: Object.fromEntries(signed.headers) };
  }
}

export const unavailable = (what: string, cause?: unknown): Unavailable =>
  new Unavailable('objects.unavailable', `${what}. Try again shortly.`, { retryAfterMs: 5_000, cause });

const denied = (code: string, message: string): Unavailable =>
  new Unavailable(
    'objects.denied',
    `The object store refuses our credentials (${code}: ${message}). Check CHARTLY_OBJECTS_ACCESS_KEY, CHARTLY_OBJECTS_SECRET_KEY and what the bucket allows.`,
    { retryAfterMs: 30_000 },
  );

/** What a refusal means where no meaning of its own is known. */
export function refused(thrown: unknown): unknown {
  if (thrown instanceof ChartlyError || !(thrown instanceof S3Refusal)) return thrown;
  return new Unavailable(
    'objects.refused',
    `The object store refuses (${thrown.message}). Check CHARTLY_OBJECTS_URL and what the bucket allows.`,
    { cause: thrown },
  );
}

function reasonOf(cause: unknown): string {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  return typeof code === 'string' ? code : String(cause);
}

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Agent, request } from 'undici';
import { BadRequest, ChartlyError, DeadlineExceeded, Forbidden, Unavailable } from '#libs/errors/errors';
import { addressKind } from './address';
import { AllowList } from './allow-list';
import { BodyLimits, DEFAULT_LIMITS, readBody } from './read-body';

export interface EgressRequest {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers that only the origin of the first URL may see, whatever their names. */
  readonly credentials?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** `false`: a redirect is the answer. Redirects are followed when left out. */
  readonly follow?: boolean;
}

export interface EgressResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Where the answer came from, after redirects. */
  readonly url: string;
}

/** Every address that a name has now. */
export type Resolve = (host: string) => Promise<readonly string[]>;

const REDIRECTS_MAX = 3;
const CONNECT_TIMEOUT_MS = 10_000;
/** Credentials by their names, in case that somebody wrote them among the plain headers. */
const CREDENTIALS = new Set(['authorization', 'cookie', 'proxy-authorization', 'x-api-key']);

const resolveByDns: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * The one way out to addresses that a document or a setting names (rules 24 and 25): resolves once, checks every answer, connects to the checked address
 * and no other, checks each redirect anew, drops credentials when one leads to another origin, and caps time, bytes and
 * inflation.
 */
export class EgressGuard {
  constructor(
    private readonly allow: AllowList,
    private readonly limits: BodyLimits = DEFAULT_LIMITS,
    private readonly resolve: Resolve = resolveByDns,
  ) {}

  /**
   * One answer, whatever its status. Throws BadRequest `egress.url` for what is no plain http URL and `egress.redirects`,
   * Forbidden `egress.refused` for an address that is not allowed, Unavailable `egress.failed` when nothing answers,
   * DeadlineExceeded `egress.timeout`, PayloadTooLarge `egress.too_large`.
   */
  async fetch(url: string, asked: EgressRequest = {}): Promise<EgressResponse> {
    const timeout = AbortSignal.timeout(this.limits.timeoutMs);
    const signal = asked.signal ? AbortSignal.any([timeout, asked.signal]) : timeout;
    const first = plainUrl(url);
    try {
      return await this.followed(first, { ...asked, signal });
    } catch (thrown) {
      if (!timeout.aborted || asked.signal?.aborted || thrown instanceof ChartlyError) throw thrown;
      throw new DeadlineExceeded(
        'egress.timeout',
        `${first.origin} did not answer within ${this.limits.timeoutMs} ms.`,
      );
    }
  }

  /**
   * The address to connect to, after every one that the name has was checked: for clients of other protocols, which must
   * connect to this address and not look the name up again. `host` as a URL has it, `[::1]` or `example.com`. Throws
   * Forbidden `egress.refused`, Unavailable `egress.failed`.
   */
  async checkedAddress(hostname: string, port: number): Promise<string> {
    const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
    const addresses = isIP(host) ? [host] : await this.resolved(host);
    for (const address of addresses) {
      const kind = addressKind(address);
      if (kind === 'public' || this.allow.allows(address, port)) continue;
      throw new Forbidden(
        'egress.refused',
        `${hostname} leads to a ${kind} address, which is not reached from here. The operator can allow it with CHARTLY_EGRESS_ALLOW.`,
      );
    }
    const [first] = addresses;
    if (first === undefined) throw new Unavailable('egress.failed', `${hostname} has no address.`);
    return first;
  }

  /** Connections to one place alone, whose address was checked; whoever asks destroys it. Throws as `checkedAddress`. */
  async agentFor(url: URL): Promise<Agent> {
    return pinnedTo(await this.checkedAddress(url.hostname, portOf(url)));
  }

  private async followed(first: URL, asked: EgressRequest & { readonly signal: AbortSignal }): Promise<EgressResponse> {
    let target = first;
    let step: Step = {
      method: asked.method ?? 'GET',
      headers: { ...asked.headers, ...asked.credentials },
      body: asked.body,
    };
    for (let redirects = 0; ; redirects += 1) {
      const response = await this.once(target, step, asked.signal);
      const { location } = response.headers;
      if (asked.follow === false || !REDIRECTS.has(response.status) || typeof location !== 'string') return response;
      if (redirects === REDIRECTS_MAX) {
        throw new BadRequest('egress.redirects', `${target.origin} redirects more than ${REDIRECTS_MAX} times.`);
      }
      const next = plainUrl(URL.canParse(location, target.href) ? new URL(location, target).href : location);
      step = redirected(step, response.status, target, next, asked);
      target = next;
    }
  }

  private async once(url: URL, { method, headers, body }: Step, signal: AbortSignal): Promise<EgressResponse> {
    const address = await unlessAborted(this.checkedAddress(url.hostname, portOf(url)), signal);
    const agent = pinnedTo(address);
    try {
      const response = await request(url, {
        method,
        headers: { 'accept-encoding': 'gzip, br, zstd, deflate', 'user-agent': 'chartly', ...headers },
        ...(body === undefined ? {} : { body }),
        signal,
        dispatcher: agent,
      });
      const read = await readBody(response.body, response.headers, this.limits);
      return { status: response.statusCode, headers: response.headers, body: read, url: url.href };
    } catch (thrown) {
      if (thrown instanceof ChartlyError || signal.aborted) throw thrown;
      const reason = thrown instanceof Error ? thrown.message || Reflect.get(thrown, 'code') : String(thrown);
      throw new Unavailable('egress.failed', `${url.origin} did not answer: ${String(reason)}.`, { cause: thrown });
    } finally {
      void agent.destroy();
    }
  }

  private async resolved(host: string): Promise<readonly string[]> {
    try {
      return await this.resolve(host);
    } catch (cause) {
      throw new Unavailable('egress.failed', `The name ${host} cannot be resolved.`, { cause });
    }
  }
}

/** What one request of a series of redirects sends. */
interface Step {
  readonly method: NonNullable<EgressRequest['method']>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const KEEPS_METHOD = new Set([307, 308]);

/** The next request of a series (RFC 9110 §15.4): what was for the first origin alone goes to no other. */
function redirected(step: Step, status: number, from: URL, to: URL, { credentials = {} }: EgressRequest): Step {
  const method = KEEPS_METHOD.has(status) || step.method === 'GET' ? step.method : 'GET';
  const body = method === step.method ? step.body : undefined;
  if (from.origin === to.origin) return { method, headers: step.headers, body };
  if (body !== undefined) {
    throw new BadRequest(
      'egress.redirects',
      `${from.origin} redirects a request with a body to ${to.origin}. A body may hold credentials, so it is not sent there: name that URL.`,
    );
  }
  const secret = new Set(Object.keys(credentials).map((name) => name.toLowerCase()));
  const isPlain = (name: string): boolean => !secret.has(name.toLowerCase()) && !CREDENTIALS.has(name.toLowerCase());
  return { method, headers: Object.fromEntries(Object.entries(step.headers).filter(([name]) => isPlain(name))) };
}

const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80));

/** Connects to the address that was checked, whatever the name leads to by then. */
function pinnedTo(address: string): Agent {
  return new Agent({
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      lookup: (_host, options, callback) => {
        const family = isIP(address);
        if (options.all) callback(null, [{ address, family }]);
        else callback(null, address, family);
      },
    },
  });
}

/** Names are looked up by the system, which nobody can call off. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error); // an AbortSignal's reason is an error
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

function plainUrl(text: string): URL {
  if (!URL.canParse(text)) throw new BadRequest('egress.url', `"${text.slice(0, 200)}" is not a URL.`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new BadRequest('egress.url', `"${url.protocol}" is not http or https.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new BadRequest('egress.url', 'A URL with a user name or password in it is refused: it ends up in logs.');
  }
  return url;
}

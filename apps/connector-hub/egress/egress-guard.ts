import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Agent, request } from 'undici';
import { BadRequest, Forbidden, Unavailable } from '#libs/errors/errors';
import { addressKind } from './address';
import { AllowList } from './allow-list';
import { BodyLimits, DEFAULT_LIMITS, readBody } from './read-body';

export interface EgressRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
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
const TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
const CREDENTIALS = new Set(['authorization', 'cookie', 'proxy-authorization', 'x-api-key']);

const resolveByDns: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * The one way out for connectors (rules 24 and 25): resolves once, checks every answer, connects to the checked address
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
   * Throws BadRequest `egress.url` for what is no plain http URL, Forbidden `egress.refused` for an address that is not
   * allowed, Unavailable `egress.failed` when nothing answers in time, PayloadTooLarge `egress.too_large`.
   */
  async fetch(url: string, asked: EgressRequest = {}): Promise<EgressResponse> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const signal = asked.signal ? AbortSignal.any([timeout, asked.signal]) : timeout;
    let target = plainUrl(url);
    let headers = { ...asked.headers };
    for (let redirects = 0; ; redirects += 1) {
      const response = await this.once(target, { ...asked, headers, signal });
      const { location } = response.headers;
      if (response.status < 300 || response.status > 399 || response.status === 304 || typeof location !== 'string') {
        return response;
      }
      if (redirects === REDIRECTS_MAX) {
        throw new BadRequest('egress.redirects', `${target.origin} redirects more than ${REDIRECTS_MAX} times.`);
      }
      const next = plainUrl(new URL(location, target).href);
      if (next.origin !== target.origin) headers = withoutCredentials(headers);
      target = next;
    }
  }

  private async once(url: URL, { method, headers, signal }: EgressRequest): Promise<EgressResponse> {
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    const address = await this.checkedAddress(url.hostname, port);
    const agent = new Agent({
      connect: {
        timeout: CONNECT_TIMEOUT_MS,
        lookup: (_host, options, callback) => {
          const family = isIP(address);
          if (options.all) callback(null, [{ address, family }]);
          else callback(null, address, family);
        },
      },
    });
    try {
      const response = await request(url, {
        method: method ?? 'GET',
        headers: { 'accept-encoding': 'gzip, br, deflate', 'user-agent': 'chartly', ...headers },
        signal,
        dispatcher: agent,
      });
      const body = await readBody(response.body, response.headers['content-encoding'], this.limits);
      return { status: response.statusCode, headers: response.headers, body, url: url.href };
    } catch (thrown) {
      if (thrown instanceof Error && 'status' in thrown) throw thrown;
      const reason = thrown instanceof Error ? thrown.message || Reflect.get(thrown, 'code') : String(thrown);
      throw new Unavailable('egress.failed', `${url.origin} did not answer: ${String(reason)}.`, { cause: thrown });
    } finally {
      void agent.destroy();
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
        `${hostname} leads to a ${kind} address, which connectors may not reach. The operator can allow it with CHARTLY_EGRESS_ALLOW.`,
      );
    }
    const [first] = addresses;
    if (first === undefined) throw new Unavailable('egress.failed', `${hostname} has no address.`);
    return first;
  }

  private async resolved(host: string): Promise<readonly string[]> {
    try {
      return await this.resolve(host);
    } catch (cause) {
      throw new Unavailable('egress.failed', `The name ${host} cannot be resolved.`, { cause });
    }
  }
}

function plainUrl(text: string): URL {
  if (!URL.canParse(text)) throw new BadRequest('egress.url', `"${text}" is not a URL.`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new BadRequest('egress.url', `"${url.protocol}" is not http or https.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new BadRequest('egress.url', 'A URL with a user name or password in it is refused: it ends up in logs.');
  }
  return url;
}

const withoutCredentials = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !CREDENTIALS.has(name.toLowerCase())));

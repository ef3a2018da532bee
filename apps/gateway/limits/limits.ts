import { Injectable, OnApplicationShutdown } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ChartlyConfig } from '#libs/config/config';
import { NAME_PATTERN } from '#libs/contracts/fields';
import { Principal } from '#libs/contracts/principal';
import { TooManyRequests } from '#libs/errors/errors';
import { neighbourhoodOf } from '#libs/transport/neighbourhood';
import { Bucket, LimitStore } from './limit-store';
import { parseRate, Rate, Verdict } from './token-bucket';

export type LimitName = 'address' | 'key' | 'user' | 'project';

interface Named {
  readonly name: LimitName;
  readonly bucket: Bucket;
}

const LIMITED = Symbol('chartly:limited');

interface Limited extends FastifyRequest {
  /** The verdicts over this request so far. */
  [LIMITED]?: { readonly name: LimitName; readonly rate: Rate; readonly verdict: Verdict }[];
}

/** How many requests an address, a key, a user and a project may make. */
@Injectable()
export class Limits implements OnApplicationShutdown {
  readonly rates: Readonly<Record<LimitName, Rate | undefined>>;

  constructor(
    private readonly store: LimitStore,
    config: ChartlyConfig,
  ) {
    this.rates = {
      address: parseRate(config.limitAddress),
      key: parseRate(config.limitKey),
      user: parseRate(config.limitUser),
      project: parseRate(config.limitProject),
    };
  }

  /** Before anybody is authenticated. Throws TooManyRequests `limit.address`. */
  async ofAddress(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.take(request, reply, this.named('address', neighbourhoodOf(request.ip)));
  }

  /** Once it is known who asks, and for which project. Throws TooManyRequests `limit.key`, `limit.user`, `limit.project`. */
  async ofCaller(request: FastifyRequest, reply: FastifyReply, principal: Principal, project?: string): Promise<void> {
    const whose = limitOf(principal);
    await this.take(request, reply, [
      ...(whose === undefined ? [] : this.named(whose, `${principal.kind}:${principal.id}`)),
      ...(project !== undefined && NAME_PATTERN.test(project) ? this.named('project', project) : []),
    ]);
  }

  onApplicationShutdown(): Promise<void> {
    return this.store.close();
  }

  private named(name: LimitName, id: string): Named[] {
    const rate = this.rates[name];
    return rate ? [{ name, bucket: { id: `${name}/${id}`, rate } }] : [];
  }

  private async take(request: Limited, reply: FastifyReply, limits: readonly Named[]): Promise<void> {
    if (limits.length === 0) return;
    const verdicts = await this.store.take(limits.map(({ bucket }) => bucket));
    const all = (request[LIMITED] ??= []);
    for (const [at, { name, bucket }] of limits.entries()) {
      all.push({ name, rate: bucket.rate, verdict: verdicts[at]! }); // one for each
    }
    tell(reply, all);
    const refused = all.find(({ verdict }) => !verdict.allowed);
    if (!refused) return;
    const { count, perMs } = refused.rate;
    throw new TooManyRequests(
      `limit.${refused.name}`,
      `This ${refused.name} may make ${count} requests in ${perMs / 1_000} s and has made them. Try again when Retry-After says.`,
      { retryAfterMs: refused.verdict.retryAfterMs },
    );
  }
}

/** Which limit counts the requests of a principal; none for our own services. */
export function limitOf({ kind }: Principal): LimitName | undefined {
  if (kind === 'key') return 'key';
  return kind === 'service' || kind === 'anonymous' ? undefined : 'user';
}

/** The headers of draft-ietf-httpapi-ratelimit-headers-10: every policy, and the state of the tightest one. */
function tell(reply: FastifyReply, all: NonNullable<Limited[typeof LIMITED]>): void {
  const share = ({ rate, verdict }: (typeof all)[number]): number => verdict.remaining / rate.count;
  const tightest = all.reduce((one, other) => (share(other) < share(one) ? other : one));
  const seconds = (ms: number): number => Math.ceil(ms / 1_000);
  void reply.header(
    'ratelimit-policy',
    all.map(({ name, rate }) => `"${name}";q=${rate.count};w=${seconds(rate.perMs)}`).join(', '),
  );
  const { name, verdict } = tightest;
  void reply.header('ratelimit', `"${name}";r=${verdict.remaining};t=${seconds(verdict.resetMs)}`);
}

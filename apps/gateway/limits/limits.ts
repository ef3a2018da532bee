import { Injectable, OnApplicationShutdown } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ChartlyConfig } from '#libs/config/config';
import { NAME_PATTERN } from '#libs/contracts/fields';
import { Principal } from '#libs/contracts/principal';
import { TooManyRequests } from '#libs/errors/errors';
import { neighbourhoodOf } from '#libs/transport/neighbourhood';
import { Bucket, LimitStore } from './limit-store';
import { parseRate, Rate, Verdict } from './token-bucket';

export type LimitName = 'address' | 'key' | 'user' | 'project';

/** The buckets that a request takes from at once, and how that is told. */
interface Taken {
  readonly names: readonly LimitName[];
  readonly buckets: readonly Bucket[];
  /** The policies, as draft-ietf-httpapi-ratelimit-headers-10 writes them. */
  readonly policy: string;
}

/** What the limits said of a request so far. */
interface Told {
  policy: string;
  name: LimitName;
  rate: Rate;
  tightest: Verdict;
}

const TOLD = Symbol('chartly:limits');

interface Limited extends FastifyRequest {
  [TOLD]?: Told;
}

/** Of addresses, and of projects of a caller, whose buckets are at hand. */
const REMEMBERED_MAX = 10_000;
const PROJECTS_REMEMBERED_MAX = 100;

/** How many requests an address, a key, a user and a project may make. */
@Injectable()
export class Limits implements OnApplicationShutdown {
  readonly rates: Readonly<Record<LimitName, Rate | undefined>>;
  private readonly ofAddresses = new Map<string, Taken | undefined>();
  private readonly ofCallers = new WeakMap<Principal, Map<string | undefined, Taken | undefined>>();

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

  /**
   * Before anybody is authenticated. Throws TooManyRequests `limit.address`; a promise of that where the buckets are far.
   */
  ofAddress(request: FastifyRequest): Promise<void> | undefined {
    return this.take(request, this.ofAddressAt(request.ip));
  }

  /**
   * Once it is known who asks, and for which project. Throws TooManyRequests `limit.key`, `limit.user`, `limit.project`; a
   * promise of that where the buckets are far.
   */
  ofCaller(request: FastifyRequest, principal: Principal, project?: string): Promise<void> | undefined {
    return this.take(request, this.ofCallerIn(principal, project));
  }

  /** Tells with each answer what the limits said, whatever became of the request. */
  tell(request: Limited, reply: FastifyReply): void {
    const told = request[TOLD];
    if (!told) return;
    const { policy, name, tightest } = told;
    const left = `"${name}";r=${tightest.remaining};t=${seconds(tightest.resetMs)}`;
    void reply.header('ratelimit-policy', policy).header('ratelimit', left);
  }

  onApplicationShutdown(): Promise<void> {
    return this.store.close();
  }

  private ofAddressAt(ip: string): Taken | undefined {
    if (this.ofAddresses.has(ip)) return this.ofAddresses.get(ip);
    if (this.ofAddresses.size >= REMEMBERED_MAX) this.ofAddresses.clear();
    const taken = this.taken([['address', neighbourhoodOf(ip)]]);
    this.ofAddresses.set(ip, taken);
    return taken;
  }

  private ofCallerIn(principal: Principal, project: string | undefined): Taken | undefined {
    let known = this.ofCallers.get(principal);
    if (!known) this.ofCallers.set(principal, (known = new Map()));
    if (known.has(project)) return known.get(project);
    if (known.size >= PROJECTS_REMEMBERED_MAX) known.clear();
    const whose = limitOf(principal);
    const taken = this.taken([
      ...(whose === undefined ? [] : [[whose, `${principal.kind}:${principal.id}`] as const]),
      ...(project !== undefined && NAME_PATTERN.test(project) ? [['project', project] as const] : []),
    ]);
    known.set(project, taken);
    return taken;
  }

  /** Undefined where nothing is limited. */
  private taken(limits: readonly (readonly [LimitName, string])[]): Taken | undefined {
    const limited = limits.flatMap(([name, id]) => {
      const rate = this.rates[name];
      return rate ? [{ name, bucket: { id: `${name}/${id}`, rate } }] : [];
    });
    if (limited.length === 0) return undefined;
    return {
      names: limited.map(({ name }) => name),
      buckets: limited.map(({ bucket }) => bucket),
      policy: limited
        .map(({ name, bucket: { rate } }) => `"${name}";q=${rate.count};w=${seconds(rate.perMs)}`)
        .join(', '),
    };
  }

  private take(request: Limited, taken: Taken | undefined): Promise<void> | undefined {
    if (!taken) return undefined;
    const verdicts = this.store.take(taken.buckets);
    if (!(verdicts instanceof Promise)) return judge(request, taken, verdicts);
    return verdicts.then((all) => judge(request, taken, all));
  }
}

/** Which limit counts the requests of a principal; none for our own services. */
export function limitOf({ kind }: Principal): LimitName | undefined {
  if (kind === 'key') return 'key';
  return kind === 'service' || kind === 'anonymous' ? undefined : 'user';
}

/** Tells limits with each answer of the server. */
export function registerLimitHeaders(fastify: FastifyInstance, limits: Pick<Limits, 'tell'>): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    limits.tell(request, reply);
    done(null, payload);
  });
}

const seconds = (ms: number): number => Math.ceil(ms / 1_000);

const shareOf = (verdict: Verdict, rate: Rate): number => verdict.remaining / rate.count;

/** Remembers every policy, and the state of the tightest one. Throws TooManyRequests for the first that is empty. */
function judge(request: Limited, { names, buckets, policy }: Taken, verdicts: readonly Verdict[]): undefined {
  let told = request[TOLD];
  for (let at = 0; at < verdicts.length; at += 1) {
    const [verdict, { rate }] = [verdicts[at]!, buckets[at]!]; // one for each
    if (told && shareOf(told.tightest, told.rate) <= shareOf(verdict, rate)) continue;
    told = { policy: told?.policy ?? '', name: names[at]!, rate, tightest: verdict };
  }
  if (told) told.policy = told.policy === '' ? policy : `${told.policy}, ${policy}`;
  request[TOLD] = told;
  const refused = verdicts.findIndex(({ allowed }) => !allowed);
  if (refused < 0) return undefined;
  const { count, perMs } = buckets[refused]!.rate;
  throw new TooManyRequests(
    `limit.${names[refused]}`,
    `This ${names[refused]} may make ${count} requests in ${perMs / 1_000} s and has made them. Try again when Retry-After says.`,
    { retryAfterMs: verdicts[refused]!.retryAfterMs },
  );
}

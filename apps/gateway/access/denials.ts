import { BeforeApplicationShutdown, Injectable, Logger, OnApplicationBootstrap } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Counter, Gauge } from 'prom-client';
import { Clock, Ids } from '#libs/clock/clock';
import { AuthContract, Denial } from '#libs/contracts/auth.contract';
import { NAME_PATTERN } from '#libs/contracts/fields';
import { ANONYMOUS } from '#libs/contracts/principal';
import { ChartlyError, Forbidden } from '#libs/errors/errors';
import { Periodic } from '#libs/queue/periodic';
import { currentCall, withCall } from '#libs/transport/call-context';
import { withDeadline } from '#libs/transport/deadline';
import { clientOf } from '#libs/transport/request-client';
import { GuardedRequest } from './presented-credential';
import { WaitingDenials } from './waiting-denials';

const TARGET_MAX = 500;
const REASON_MAX = 500;
/** Who is refused waits no longer than this for the entry to be written first. */
const TOLD_WITHIN_MS = 2_000;
const AGAIN_MS = 1_000;
const LAST_TRY_MS = 5_000;

const WAITING = 'chartly_denials_waiting';
const LOST = 'chartly_denials_lost_total';

export const denialMetrics = [
  makeGaugeProvider({ name: WAITING, help: 'Refused requests whose audit entry waits for auth to be back.' }),
  makeCounterProvider({
    name: LOST,
    help: 'Refused requests that have no audit entry; the log of the gateway has them.',
  }),
];

/**
 * Tells the audit log of requests that were refused though it is known who sent them: before they are answered, or, while
 * auth is away, once it is back. A refusal is answered in any case.
 */
@Injectable()
export class Denials implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Denials');
  private readonly waiting = new WaitingDenials();
  private readonly telling = new Periodic('Denials', AGAIN_MS, () => this.tellWaiting());

  constructor(
    private readonly auth: AuthContract,
    private readonly clock: Clock,
    private readonly ids: Ids,
    @InjectMetric(WAITING) private readonly gauge: Gauge,
    @InjectMetric(LOST) private readonly lost: Counter,
  ) {}

  onApplicationBootstrap(): void {
    this.telling.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.telling.stop();
    await withDeadline('Denials', LAST_TRY_MS, () => this.tellWaiting()).catch(() => undefined); // what is left is logged
    this.giveUp(this.waiting.drain());
  }

  /** Of a permission that is lacking, or for another `reason`. Never throws. */
  async record(
    request: GuardedRequest,
    { project, ...why }: Pick<Denial, 'permission' | 'reason' | 'project'>,
  ): Promise<void> {
    const { kind, id, name } = request.principal ?? ANONYMOUS;
    const denial: Denial = {
      id: this.ids.uuidv7(),
      time: this.clock.now().toISOString(),
      principal: { kind, id, name, grants: [] },
      ...why,
      ...(project !== undefined && NAME_PATTERN.test(project) ? { project } : {}),
      target: `${request.method} ${request.url.split('?')[0]}`.slice(0, TARGET_MAX),
      requestId: request.id,
      client: clientOf(request),
    };
    if (this.waiting.size > 0) return this.wait(denial);
    try {
      await this.tell(denial);
    } catch (err) {
      this.logger.warn({ err }, 'The audit entry of a refusal waits.');
      this.wait(denial);
    }
  }

  /** What a handler refused: a role that is more than its giver holds, a wrong password, another's things. Never throws. */
  async recordRefusal(request: GuardedRequest, { code, message }: Forbidden): Promise<void> {
    const { project } = request.params as { project?: string }; // fastify's params of a matched route
    await this.record(request, { reason: `${code}: ${message}`.slice(0, REASON_MAX), project });
  }

  /** Tells of those that wait; some later when auth is still away, or as old as to know less of refusals than we do. */
  async tellWaiting(): Promise<void> {
    this.giveUp(await this.waiting.tell((denial) => this.tell(denial), isAway));
    if (this.waiting.size === 0) await this.tellOfTheRest();
    this.gauge.set(this.waiting.size);
  }

  private giveUp(denials: readonly Denial[]): void {
    for (const denial of denials) this.logger.error({ denial }, 'A refusal has no audit entry.');
    this.lost.inc(denials.length);
  }

  private async tellOfTheRest(): Promise<void> {
    const many = this.waiting.takeUncounted();
    if (many === 0) return;
    const reason = `${many} more were refused while auth was away`;
    this.wait({ id: this.ids.uuidv7(), principal: currentCall().principal, target: 'Gateway', reason });
  }

  private wait(denial: Denial): void {
    this.waiting.add(denial);
    this.gauge.set(this.waiting.size);
  }

  private tell(denial: Denial): Promise<unknown> {
    const { principal, requestId, client } = denial;
    return withCall({ principal, requestId, client }, () =>
      withDeadline('auth.recordDenial', TOLD_WITHIN_MS, () => this.auth.recordDenial(denial)),
    );
  }
}

/** Nothing that is told now would arrive. An answer that no retry changes is of this one entry alone. */
const isAway = (thrown: unknown): boolean => !(thrown instanceof ChartlyError) || thrown.retryable;

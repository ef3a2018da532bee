import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import { hash as digest } from 'node:crypto';
import { Counter } from 'prom-client';
import { Clock } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { AuthContract } from '#libs/contracts/auth.contract';
import { Principal } from '#libs/contracts/principal';
import { ChartlyError } from '#libs/errors/errors';
import { CredentialStrategy } from './credential.strategy';

/** A revoked key stops working within this time. */
const FRESH_MS = 5_000;
const REMEMBERED_MAX = 10_000;

const STALE = 'chartly_auth_stale_total';

export const principalMetrics = [
  makeCounterProvider({ name: STALE, help: 'Ingest requests let in by the last known decision, while auth was away.' }),
];

interface Known {
  readonly principal: Principal;
  readonly askedAt: number;
}

/**
 * Who a credential stands for, asked of auth at most every 5 s a credential. Keyed by the credential's hash, so that
 * no secret stays in memory. Only answers are remembered, never refusals.
 */
@Injectable()
export class Principals {
  private readonly logger = new Logger('Principals');
  private readonly known = new Map<string, Known>();
  private readonly strategy: CredentialStrategy;

  constructor(
    auth: AuthContract,
    private readonly clock: Clock,
    private readonly config: ChartlyConfig,
    @InjectMetric(STALE) private readonly stale: Counter,
  ) {
    this.strategy = new CredentialStrategy(auth);
  }

  /**
   * With `staleAllowed` (ingest), an answer up to `CHARTLY_AUTH_STALE_MAX` old still holds while auth does not answer. At once
   * where an answer is at hand, else a promise. Throws what auth throws.
   */
  of(token: string, staleAllowed: boolean): Principal | Promise<Principal> {
    const hash = digest('sha256', token, 'base64');
    const known = this.known.get(hash);
    const now = this.clock.now().getTime();
    if (known && now - known.askedAt < FRESH_MS) return known.principal;
    return this.ask(token, hash, known, now, staleAllowed);
  }

  private async ask(
    token: string,
    hash: string,
    known: Known | undefined,
    now: number,
    staleAllowed: boolean,
  ): Promise<Principal> {
    try {
      const principal = await this.strategy.decide(token);
      this.remember(hash, { principal, askedAt: now });
      return principal;
    } catch (thrown) {
      const away = thrown instanceof ChartlyError && thrown.retryable;
      if (away && staleAllowed && known && now - known.askedAt < this.config.authStaleMaxMs) {
        this.stale.inc();
        this.logger.warn({ principal: known.principal.id }, 'Auth is away: ingest goes on with the last decision.');
        return known.principal;
      }
      if (!away) this.known.delete(hash);
      throw thrown;
    }
  }

  private remember(hash: string, known: Known): void {
    this.known.delete(hash);
    this.known.set(hash, known);
    if (this.known.size <= REMEMBERED_MAX) return;
    const [oldest] = this.known.keys();
    if (oldest !== undefined) this.known.delete(oldest);
  }
}

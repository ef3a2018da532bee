import { Injectable, Logger, Module } from '@nestjs/common';
import { Clock, ClockModule } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { SecretValue } from '#libs/contracts/auth-secrets';
import { AuthContract } from '#libs/contracts/auth.contract';
import { fillSecrets, secretNamesIn } from '#libs/documents/secret-references';
import { ChartlyError } from '#libs/errors/errors';
import { Redaction } from './redaction';

const REMEMBERED_MAX = 1_000;

/** A value with its secrets filled in, and what hides them again in whatever a peer says. */
export interface Opened<T> {
  readonly value: T;
  readonly redaction: Redaction;
}

interface Known {
  readonly secret: SecretValue;
  readonly askedAt: number;
}

/**
 * Secrets for a service at the moment that it needs them. A value is asked of auth again when its time is up (a minute);
 * while auth is away the last one holds for `CHARTLY_AUTH_STALE_MAX`, so that the data plane goes on. Values stay in
 * memory: do not log, store or return what {@link open} gives.
 */
@Injectable()
export class Secrets {
  private readonly logger = new Logger('Secrets');
  private readonly known = new Map<string, Known>();
  private readonly asking = new Map<string, Promise<SecretValue>>();

  constructor(
    private readonly auth: AuthContract,
    private readonly clock: Clock,
    private readonly config: ChartlyConfig,
  ) {}

  /**
   * `value` with each `${secret.NAME}` in its texts replaced by that secret of `project`. `purpose` goes to the audit log:
   * `Pipeline/default/earthquakes`. Throws NotFound `secret.unknown`, `secret.no_value`.
   */
  async open<T>(project: string, value: T, purpose: string): Promise<Opened<T>> {
    const names = secretNamesIn(value);
    const values = await Promise.all(names.map((name) => this.value(project, name, purpose)));
    const byName = new Map(names.map((name, at) => [name, values[at]!]));
    const filled = names.length === 0 ? value : fillSecrets(value, (name) => byName.get(name) ?? '');
    return { value: filled, redaction: new Redaction(byName) };
  }

  /** One secret by its name. */
  async value(project: string, name: string, purpose: string): Promise<string> {
    const id = JSON.stringify([project, name, purpose]);
    const known = this.known.get(id);
    const now = this.clock.now().getTime();
    if (known && now < Date.parse(known.secret.validUntil)) return known.secret.value;
    try {
      return (await this.ask(id, { project, name, purpose })).value;
    } catch (thrown) {
      const away = thrown instanceof ChartlyError && thrown.retryable;
      if (away && known && now - known.askedAt < this.config.authStaleMaxMs) {
        this.logger.warn({ project, secret: name }, 'Auth is away: the last value of a secret is used on.');
        return known.secret.value;
      }
      if (!away) this.known.delete(id);
      throw thrown;
    }
  }

  /** Those that need the same value at once ask once. */
  private ask(id: string, request: { project: string; name: string; purpose: string }): Promise<SecretValue> {
    const going = this.asking.get(id);
    if (going) return going;
    const askedAt = this.clock.now().getTime();
    const asked = this.auth
      .secret(request)
      .then((secret) => {
        this.remember(id, { secret, askedAt });
        return secret;
      })
      .finally(() => this.asking.delete(id));
    this.asking.set(id, asked);
    return asked;
  }

  private remember(id: string, known: Known): void {
    this.known.delete(id);
    this.known.set(id, known);
    const [oldest] = this.known.keys();
    if (this.known.size > REMEMBERED_MAX && oldest !== undefined) this.known.delete(oldest);
  }
}

@Module({ imports: [ClockModule], providers: [Secrets], exports: [Secrets] })
export class SecretsModule {}

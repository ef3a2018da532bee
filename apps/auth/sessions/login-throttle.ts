import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Clock } from '#libs/clock/clock';
import { Forbidden, TooManyRequests, Unauthenticated } from '#libs/errors/errors';
import { currentCall } from '#libs/transport/call-context';
import { neighbourhoodOf } from '#libs/transport/neighbourhood';

/** Wrong guesses that cost nothing, and how long to wait at most after more. Unit of `waitMaxMs`: milliseconds. */
const COUNTED = {
  /** At one account, from one neighbourhood. */
  pair: { free: 5, waitMaxMs: 60_000 },
  /** From one neighbourhood, at whatever account. */
  address: { free: 20, waitMaxMs: 60_000 },
  /** At one account, from anywhere: many addresses guess no faster than this, and hold its owner up no longer. */
  account: { free: 100, waitMaxMs: 10_000 },
} as const;
type Counted = keyof typeof COUNTED;
const FIRST_WAIT_MS = 1_000;
/** Failures are forgotten after this long without another. */
const FORGOTTEN_MS = 3_600_000;
const ADDRESSES_MAX = 1_000;

const FAILURES = `SELECT key, failures, last_failed_at AS "lastFailedAt" FROM auth.login_failures WHERE key = ANY($1)`;

const NOTE = `
  INSERT INTO auth.login_failures AS f (key, failures, last_failed_at) VALUES ($1, 1, $2)
  ON CONFLICT (key) DO UPDATE
    SET failures = CASE WHEN f.last_failed_at < $3 THEN 1 ELSE f.failures + 1 END, last_failed_at = $2`;

/** Counts a guess before it is made, and only when it is time for one: a thousand at once are one and 999 refusals. */
const ENTER = `${NOTE}
  WHERE f.last_failed_at < $3 OR f.failures < $4
     OR f.last_failed_at + least($5, $6 * 2 ^ least(f.failures - $4, 30)) * interval '1 millisecond' <= $2
  RETURNING 1`;

const KNOWN_ADDRESSES = `
  SELECT DISTINCT s.address
    FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id
   WHERE u.name = $1 AND s.address IS NOT NULL
   LIMIT ${ADDRESSES_MAX}`;

interface Failures {
  readonly key: string;
  readonly failures: number;
  readonly lastFailedAt: Date;
}

/** Something that is guessed. */
export interface Guess {
  /** `login`: the password of a name. `proof`: what a user is asked for again. `setup`, `passkey`, `provider`: of nobody. */
  readonly kind: 'login' | 'proof' | 'setup' | 'passkey' | 'provider';
  /** The name that is tried, or the user's id. */
  readonly name: string;
}

export const proofOf = (userId: string): Guess => ({ kind: 'proof', name: userId });

/**
 * Rule 21: whoever guesses waits longer and longer, and at most a minute: nobody is locked out for good by what others
 * try. Counted by account and neighbourhood (an IPv4 address, an IPv6 /64), so that a stranger's guesses hold nobody up
 * elsewhere; by neighbourhood; and, much more slowly, by account alone, where those are let through from where the account
 * has logged in before. Names that nobody has are counted like any other, so that the answer tells nothing.
 */
@Injectable()
export class LoginThrottle {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  /**
   * Lets `work` make a guess, which is wrong when it throws Forbidden or Unauthenticated (but for `login.second_factor`,
   * which asks for the rest of one). Throws what `work` throws, and TooManyRequests
   * `login.throttled` with when to try again.
   */
  async during<T>(guess: Guess, work: () => Promise<T>): Promise<T> {
    const counted = this.keysOf(guess);
    await this.enter(guess, counted);
    let result: T;
    try {
      result = await work();
    } catch (thrown) {
      await (isWrong(thrown) ? this.failed(counted) : this.uncount(counted));
      throw thrown;
    }
    await this.succeeded(counted);
    return result;
  }

  async sweep(): Promise<void> {
    const forgotten = new Date(this.clock.now().getTime() - FORGOTTEN_MS);
    await this.database.query('DELETE FROM auth.login_failures WHERE last_failed_at < $1', [forgotten]);
  }

  private async enter(guess: Guess, { pair, ...others }: Keys): Promise<void> {
    const rows = await this.database.query<Failures[]>(FAILURES, [Object.values(others)]);
    for (const row of rows) {
      const waitMs = this.waitOf(row);
      if (waitMs > 0 && !(row.key === others.account && (await this.isAtHome(guess)))) throw throttled(waitMs);
    }
    const { free, waitMaxMs } = COUNTED.pair;
    const entered = await this.database.query<unknown[]>(ENTER, [...this.noted(pair), free, waitMaxMs, FIRST_WAIT_MS]);
    if (entered.length > 0) return;
    const [row] = await this.database.query<Failures[]>(FAILURES, [[pair]]);
    throw throttled(row ? this.waitOf(row) : FIRST_WAIT_MS);
  }

  /** The pair's is noted already. */
  private async failed({ address, account }: Keys): Promise<void> {
    for (const key of [address, account]) if (key !== undefined) await this.database.query(NOTE, this.noted(key));
  }

  /** Clears what was guessed at this account from here, and not what was from here at others. */
  private async succeeded({ pair }: Keys): Promise<void> {
    await this.database.query('DELETE FROM auth.login_failures WHERE key = $1', [pair]);
  }

  private async uncount({ pair }: Keys): Promise<void> {
    await this.database.query('UPDATE auth.login_failures SET failures = failures - 1 WHERE key = $1', [pair]);
  }

  /** Whether the account has logged in from this neighbourhood before. */
  private async isAtHome({ kind, name }: Guess): Promise<boolean> {
    const address = currentCall().client?.address;
    if (kind !== 'login' || address === undefined) return false;
    const rows = await this.database.query<{ address: string }[]>(KNOWN_ADDRESSES, [name.toLowerCase()]);
    const here = neighbourhoodOf(address);
    return rows.some((row) => neighbourhoodOf(row.address) === here);
  }

  private noted(key: string): [string, Date, Date] {
    const now = this.clock.now();
    return [key, now, new Date(now.getTime() - FORGOTTEN_MS)];
  }

  private waitOf({ key, failures, lastFailedAt }: Failures): number {
    const { free, waitMaxMs } = COUNTED[key.slice(0, key.indexOf(':')) as Counted]; // as keysOf makes them
    const waitMs = failures < free ? 0 : Math.min(waitMaxMs, FIRST_WAIT_MS * 2 ** (failures - free));
    return lastFailedAt.getTime() + waitMs - this.clock.now().getTime();
  }

  /** Hashed: a password typed into the field of the name must not stand in a table. */
  private keysOf({ kind, name }: Guess): Keys {
    const address = currentCall().client?.address;
    const here = address === undefined ? 'here' : neighbourhoodOf(address);
    const account = `${kind} ${name.toLowerCase()}`;
    const isSomebodys = kind === 'login' || kind === 'proof';
    return {
      pair: `pair:${digest(`${account} ${here}`)}`,
      ...(address === undefined ? {} : { address: `address:${digest(here)}` }),
      ...(isSomebodys ? { account: `account:${digest(account)}` } : {}),
    };
  }
}

/** What a guess is counted by. */
interface Keys {
  readonly pair: string;
  readonly address?: string;
  readonly account?: string;
}

const isWrong = (thrown: unknown): boolean =>
  thrown instanceof Forbidden || (thrown instanceof Unauthenticated && thrown.code !== 'login.second_factor');

const throttled = (retryAfterMs: number): TooManyRequests =>
  new TooManyRequests('login.throttled', 'Too many logins failed. Wait a little and try again.', { retryAfterMs });

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

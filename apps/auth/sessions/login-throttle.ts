import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Clock } from '#libs/clock/clock';
import { TooManyRequests } from '#libs/errors/errors';

/** Failures that cost nothing, and how long to wait at most after more. Unit: milliseconds. */
const FREE = { account: 5, address: 20 } as const;
const WAIT_MAX_MS = 60_000;
const FIRST_WAIT_MS = 1_000;
/** Failures are forgotten after this long without another. */
const FORGOTTEN_MS = 3_600_000;

const FAILURES = `SELECT key, failures, last_failed_at AS "lastFailedAt" FROM auth.login_failures WHERE key = ANY($1)`;

const NOTE = `
  INSERT INTO auth.login_failures AS f (key, failures, last_failed_at) VALUES ($1, 1, $2)
  ON CONFLICT (key) DO UPDATE
    SET failures = CASE WHEN f.last_failed_at < $3 THEN 1 ELSE f.failures + 1 END, last_failed_at = $2`;

interface Failures {
  readonly key: string;
  readonly failures: number;
  readonly lastFailedAt: Date;
}

/**
 * Rule 21: whoever guesses waits longer and longer, by account and by address, and at most a minute: nobody is locked out
 * for good by what others try. Names that nobody has are counted like any other, so that the answer tells nothing.
 */
@Injectable()
export class LoginThrottle {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Throws TooManyRequests `login.throttled` with when to try again. */
  async admit(account: string, address: string | undefined): Promise<void> {
    const rows = await this.database.query<Failures[]>(FAILURES, [keysOf(account, address)]);
    const now = this.clock.now().getTime();
    const waitMs = Math.max(0, ...rows.map((row) => row.lastFailedAt.getTime() + waitAfter(row) - now));
    if (waitMs <= 0) return;
    throw new TooManyRequests('login.throttled', 'Too many logins failed. Wait a little and try again.', {
      retryAfterMs: waitMs,
    });
  }

  async failed(account: string, address: string | undefined): Promise<void> {
    const now = this.clock.now();
    const forgotten = new Date(now.getTime() - FORGOTTEN_MS);
    for (const key of keysOf(account, address)) await this.database.query(NOTE, [key, now, forgotten]);
  }

  /** A success clears the account's failures, and not those of the address, which may try others. */
  async succeeded(account: string): Promise<void> {
    await this.database.query('DELETE FROM auth.login_failures WHERE key = $1', [keysOf(account, undefined)[0]]);
  }

  async sweep(): Promise<void> {
    const forgotten = new Date(this.clock.now().getTime() - FORGOTTEN_MS);
    await this.database.query('DELETE FROM auth.login_failures WHERE last_failed_at < $1', [forgotten]);
  }
}

function waitAfter({ key, failures }: Failures): number {
  const beyond = failures - (key.startsWith('account:') ? FREE.account : FREE.address);
  return beyond < 0 ? 0 : Math.min(WAIT_MAX_MS, FIRST_WAIT_MS * 2 ** beyond);
}

/** Hashed: a password typed into the field of the name must not stand in a table. */
const keysOf = (account: string, address: string | undefined): string[] => [
  `account:${digest(account.toLowerCase())}`,
  ...(address === undefined ? [] : [`address:${digest(address)}`]),
];

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

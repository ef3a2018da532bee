import { Algorithm, hash, verify } from '@node-rs/argon2';
import { Injectable } from '@nestjs/common';
import { dictionary } from '@zxcvbn-ts/language-common';
import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import { availableParallelism } from 'node:os';
import { TooManyRequests, Unprocessable } from '#libs/errors/errors';

/** Rule 15. */
const ARGON2 = { algorithm: Algorithm.Argon2id, memoryCost: 65_536, timeCost: 2, parallelism: 1 } as const;
const RETRY_AFTER_MS = 1_000;

const COMMON: ReadonlySet<string> = new Set(dictionary.passwords.map(String));

/** Hashes passwords, as many at once as there are cores; beyond that it says so and takes no memory. */
@Injectable()
export class Passwords {
  private readonly turns = bulkhead(availableParallelism(), 0);
  private nobody?: string;

  /** Throws Unprocessable `password.common` for one that everybody tries first, TooManyRequests `login.busy`. */
  async hash(password: string): Promise<string> {
    if (isCommon(password)) {
      throw new Unprocessable(
        'password.common',
        'This password is among those that are tried first. Take another; four unrelated words are a good one.',
      );
    }
    return this.inTurn(() => hash(password, ARGON2));
  }

  /**
   * Whether it is the password that was hashed. Without a hash it takes as long and gives false, so that nobody learns
   * from the time who exists (rule 21).
   */
  async matches(password: string, hashed: string | undefined): Promise<boolean> {
    this.nobody ??= await this.inTurn(() => hash('nobody has this one', ARGON2));
    const against = hashed ?? this.nobody;
    const matches = await this.inTurn(() => verify(against, password));
    return matches && hashed !== undefined;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.turns.execute(work);
    } catch (thrown) {
      if (!(thrown instanceof BulkheadRejectedError)) throw thrown;
      throw new TooManyRequests('login.busy', 'Too many log in at once. Try again shortly.', {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
  }
}

/** In any case, and with what people put at its end to please a rule. */
const isCommon = (password: string): boolean => {
  const plain = password.toLowerCase();
  return COMMON.has(plain) || COMMON.has(plain.replace(/[\d!@#$%^&*.?_-]+$/, '')) || /^(.)\1*$/u.test(plain);
};

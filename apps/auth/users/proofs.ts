import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '#libs/clock/clock';
import { Proof } from '#libs/contracts/auth-users';
import { Forbidden } from '#libs/errors/errors';
import { currentCall } from '#libs/transport/call-context';
import { LoginThrottle, proofOf } from '../sessions/login-throttle';
import { Sessions } from '../sessions/sessions';
import { Passwords } from './password';
import { SecondFactors } from './second-factors';
import { Users } from './users';

/** A login this young is proof by itself. */
const FRESH_MS = 600_000;

/** Proof that it is the person who asks for another way in, and not whoever found their session left open. */
@Injectable()
export class Proofs {
  constructor(
    private readonly database: DataSource,
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly factors: SecondFactors,
    private readonly sessions: Sessions,
    private readonly throttle: LoginThrottle,
    private readonly clock: Clock,
  ) {}

  /**
   * A login within ten minutes, or the present password, and a code too where there is a second factor. Throws Forbidden
   * `proof.needed`, `proof.wrong`, TooManyRequests `login.throttled`.
   */
  async require({ userId, password, code }: Proof): Promise<void> {
    if (await this.hasJustLoggedIn(userId)) return;
    if (password === undefined) {
      throw new Forbidden(
        'proof.needed',
        'Your login is older than ten minutes. Log in again, or send your "password", and a "code" if you have a second factor.',
      );
    }
    await this.throttle.during(proofOf(userId), async () => {
      const isRight = await this.passwords.matches(password, await this.users.hashOf(userId));
      if (!isRight || !(await this.hasCode(userId, code))) {
        throw new Forbidden('proof.wrong', 'The password is another one, or the code is wrong or was used already.');
      }
    });
  }

  private async hasJustLoggedIn(userId: string): Promise<boolean> {
    const { sessionId } = currentCall().principal;
    const since = new Date(this.clock.now().getTime() - FRESH_MS);
    return sessionId !== undefined && this.sessions.isFresh(userId, sessionId, since);
  }

  private async hasCode(userId: string, code = ''): Promise<boolean> {
    if (!(await this.factors.isRequired(userId))) return true;
    return this.database.transaction(async (tx) => (await this.factors.check(tx, userId, code)) !== undefined);
  }
}

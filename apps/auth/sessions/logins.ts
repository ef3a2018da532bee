import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LoggedIn, Login } from '#libs/contracts/auth-users';
import { Unauthenticated } from '#libs/errors/errors';
import { Refusals } from '../refusals';
import { Passwords } from '../users/password';
import { SecondFactors } from '../users/second-factors';
import { User } from '../users/user.entity';
import { Users } from '../users/users';
import { LoginThrottle } from './login-throttle';
import { Sessions } from './sessions';

/** Logins by password, and by the second factor of who has one. Every wrong one gets the same answer in the same time. */
@Injectable()
export class Logins {
  constructor(
    private readonly database: DataSource,
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly factors: SecondFactors,
    private readonly throttle: LoginThrottle,
    private readonly sessions: Sessions,
    private readonly refusals: Refusals,
  ) {}

  /**
   * Throws Unauthenticated `login.wrong`; `login.second_factor` when all is well but for the code, which is to be sent
   * with the rest; TooManyRequests `login.throttled`, `login.busy`.
   */
  async byPassword({ name, password, code }: Login): Promise<LoggedIn> {
    return this.throttle.during({ kind: 'login', name }, () => this.guessed({ name, password, code }));
  }

  private async guessed({ name, password, code }: Login): Promise<LoggedIn> {
    const user = await this.database.manager.findOneBy(User, { name: name.toLowerCase() });
    const hash = user ? await this.users.hashOf(user.id) : undefined;
    const right = await this.passwords.matches(password, hash);
    if (!right || user?.state !== 'active') return this.refuse(user ?? undefined);
    const required = await this.factors.isRequired(user.id);
    if (required && code === undefined) {
      throw new Unauthenticated(
        'login.second_factor',
        'Send the "code" of your authenticator app too, or a recovery code.',
      );
    }
    const session = await this.database.transaction(async (tx) => {
      const factor = required ? await this.factors.check(tx, user.id, code ?? '') : 'none';
      if (factor === undefined) return undefined;
      return this.sessions.begin(tx, user, factor === 'none' ? ['pwd'] : ['pwd', factor, 'mfa']);
    });
    return session ?? this.refuse(user);
  }

  private async refuse(user: User | undefined): Promise<never> {
    await this.refusals.record({
      action: 'session.begin',
      target: user ? `User/${user.id}` : 'User',
      reason: 'wrong name, password or code',
    });
    throw new Unauthenticated('login.wrong', 'Name, password or code is wrong.');
  }
}

import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock, Ids } from '#libs/clock/clock';
import { ChangePassword, CreateUser, UpdateUser, UserName, UserView } from '#libs/contracts/auth-users';
import { Conflict, Forbidden, NotFound, Unauthenticated } from '#libs/errors/errors';
import { Grants } from '../access/grants';
import { Replies } from '../sealed/replies';
import { LoginThrottle, proofOf } from '../sessions/login-throttle';
import { Sessions } from '../sessions/sessions';
import { Passwords } from './password';
import { Origin, User } from './user.entity';

const VIEW = `
  SELECT u.id, u.name, u.display_name AS "displayName", u.email, u.state, u.origin, u.created_at AS "createdAt",
         u.last_login_at AS "lastLoginAt",
         EXISTS (SELECT FROM auth.passwords p WHERE p.user_id = u.id) AS "hasPassword",
         EXISTS (SELECT FROM auth.totp t WHERE t.user_id = u.id AND t.confirmed_at IS NOT NULL) AS "hasSecondFactor",
         ARRAY(SELECT g.name FROM auth.group_members m JOIN auth.groups g ON g.id = m.group_id
                WHERE m.user_id = u.id ORDER BY g.name) AS groups
    FROM auth.users u`;

type UserRow = Omit<UserView, 'createdAt' | 'lastLoginAt' | 'email'> & {
  readonly email: string | null;
  readonly createdAt: Date;
  readonly lastLoginAt: Date | null;
};

interface NewUser {
  readonly name: string;
  readonly displayName?: string;
  readonly email?: string;
  readonly origin: Origin;
  readonly issuer?: string;
  readonly subject?: string;
  readonly externalId?: string;
}

/** People: who they are, and the passwords of those who have one. */
@Injectable()
export class Users {
  constructor(
    private readonly database: DataSource,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
    private readonly grants: Grants,
    private readonly throttle: LoginThrottle,
    private readonly replies: Replies,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  async create({ password, ...given }: CreateUser): Promise<UserView> {
    const hash = password === undefined ? undefined : await this.passwords.hash(password);
    return this.replies.once(async (tx) => {
      const user = await this.insert(tx, { ...given, origin: 'own' });
      if (hash !== undefined) await this.setPassword(tx, user.id, hash);
      await this.record(tx, 'users.create', user.id);
      return this.viewOf(tx, user.id);
    });
  }

  /** Throws Conflict `user.exists` for a name that somebody bears. */
  async insert(tx: EntityManager, given: NewUser): Promise<User> {
    const now = this.clock.now();
    const name = given.name.toLowerCase();
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('auth.user/' || $1, 0))`, [name]);
    if (await tx.existsBy(User, { name })) throw new Conflict('user.exists', `There is a user "${name}" already.`);
    const user: User = {
      id: this.ids.uuidv7(),
      name,
      displayName: given.displayName ?? given.name,
      email: given.email ?? null,
      state: 'active',
      origin: given.origin,
      issuer: given.issuer ?? null,
      subject: given.subject ?? null,
      externalId: given.externalId ?? null,
      createdAt: now,
      changedAt: now,
      lastLoginAt: null,
    };
    await tx.insert(User, user);
    return user;
  }

  /**
   * Nobody takes over an account that holds what they do not: before its password, its name, the subject that it logs in
   * as, or its being let in again is changed. To shut somebody out takes `users:write` alone, as does taking a binding
   * away. Throws Forbidden `role.escalation`.
   */
  async requireOver(tx: EntityManager, user: User): Promise<void> {
    await this.grants.requireHeldBy(
      user.id,
      tx,
      `Nobody takes over an account ("${user.name}") that holds more than they do`,
    );
  }

  async update({ name, displayName, email, state, password }: UpdateUser): Promise<UserView> {
    const user = await this.find(name);
    const hash = password === undefined ? undefined : await this.passwords.hash(password);
    return this.replies.once(async (tx) => {
      await requireThere(tx, user);
      if (hash !== undefined || isLetIn(user, state)) await this.requireOver(tx, user);
      await tx.update(
        User,
        { id: user.id },
        {
          ...(displayName === undefined ? {} : { displayName }),
          ...(email === undefined ? {} : { email }),
          ...(state === undefined ? {} : { state }),
          changedAt: this.clock.now(),
        },
      );
      if (hash !== undefined) await this.setPassword(tx, user.id, hash);
      if (state === 'disabled') await this.sessions.revokeAll(tx, user.id, 'user disabled');
      if (hash !== undefined) await this.sessions.revokeAll(tx, user.id, 'password set');
      const what = [state, hash === undefined ? undefined : 'password set'].filter((one) => one !== undefined);
      await this.record(tx, 'users.update', user.id, what.join(', ') || undefined);
      return this.viewOf(tx, user.id);
    });
  }

  async delete({ name }: UserName): Promise<void> {
    const user = await this.find(name);
    await this.database.transaction(async (tx) => {
      await tx.delete(User, { id: user.id });
      await tx.query('DELETE FROM auth.sealed_values WHERE id = $1', [`totp/${user.id}`]);
      await this.record(tx, 'users.delete', user.id);
    });
  }

  async list(): Promise<UserView[]> {
    return (await this.database.query<UserRow[]>(`${VIEW} ORDER BY u.name`)).map(view);
  }

  /** Throws NotFound `user.unknown`. */
  async find(name: string): Promise<User> {
    const user = await this.database.manager.findOneBy(User, { name: name.toLowerCase() });
    if (!user) throw new NotFound('user.unknown', `There is no user "${name}".`);
    return user;
  }

  async hashOf(userId: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ hash: string }[]>('SELECT hash FROM auth.passwords WHERE user_id = $1', [
      userId,
    ]);
    return row?.hash;
  }

  /** Takes the present password, so that a session left open is not enough; ends all sessions. */
  async changePassword({ userId, current, next }: ChangePassword): Promise<void> {
    await this.throttle.during(proofOf(userId), async () => {
      if (await this.passwords.matches(current, await this.hashOf(userId))) return;
      throw new Forbidden('password.wrong', 'The present password is another one.');
    });
    const hash = await this.passwords.hash(next);
    await this.database.transaction(async (tx) => {
      await requireThere(tx, await this.byId(userId));
      await this.setPassword(tx, userId, hash);
      await this.sessions.revokeAll(tx, userId, 'password changed');
      await this.record(tx, 'users.change_password', userId);
    });
  }

  /** Throws Unauthenticated for somebody who is gone. */
  async byId(id: string): Promise<User> {
    const user = await this.database.manager.findOneBy(User, { id });
    if (!user) throw new Unauthenticated('auth.invalid', 'The user is gone.');
    return user;
  }

  private async viewOf(tx: EntityManager, id: string): Promise<UserView> {
    const [row] = await tx.query<UserRow[]>(`${VIEW} WHERE u.id = $1`, [id]);
    if (!row) throw new NotFound('user.unknown', 'The user is gone.');
    return view(row);
  }

  private async setPassword(tx: EntityManager, userId: string, hash: string): Promise<void> {
    await tx.query(
      `INSERT INTO auth.passwords (user_id, hash, changed_at) VALUES ($1, $2, $3)
       ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at`,
      [userId, hash, this.clock.now()],
    );
  }

  private record(tx: EntityManager, action: string, id: string, reason?: string): Promise<void> {
    return this.audit.record(tx, {
      action,
      target: `User/${id}`,
      outcome: 'succeeded',
      ...(reason === undefined ? {} : { reason }),
    });
  }
}

/** While a password was hashed the user may have been deleted; from here on nobody does. */
async function requireThere(tx: EntityManager, { id, name }: User): Promise<void> {
  const rows = await tx.query<unknown[]>('SELECT 1 FROM auth.users WHERE id = $1 FOR UPDATE', [id]);
  if (rows.length === 0) throw new NotFound('user.unknown', `There is no user "${name}".`);
}

/** Whether somebody who was shut out is to come in again. */
export const isLetIn = (user: User, state: User['state'] | undefined): boolean =>
  state === 'active' && user.state !== 'active';

const view = ({ email, createdAt, lastLoginAt, ...row }: UserRow): UserView => ({
  ...row,
  ...(email === null ? {} : { email }),
  createdAt: createdAt.toISOString(),
  ...(lastLoginAt ? { lastLoginAt: lastLoginAt.toISOString() } : {}),
});

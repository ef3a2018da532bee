import { Injectable } from '@nestjs/common';
import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock, Ids } from '#libs/clock/clock';
import { LoggedIn, SessionRef, SessionView } from '#libs/contracts/auth-users';
import { NotFound, Unauthenticated } from '#libs/errors/errors';
import { currentCall } from '#libs/transport/call-context';
import { open, seal } from '../secrets/envelope';
import { User } from '../users/user.entity';
import { ACCESS_LIFE_S, SigningKeys } from './signing-keys';

const DAY_MS = 86_400_000;
/** A session ends so long after the login, however busy it was, and sooner when it lies idle. */
const LIFE_MS = 30 * DAY_MS;
const IDLE_MS = 7 * DAY_MS;
/** Rule 16: a token that was used just now gives the same successor again: the answer may have been lost on the way. */
const GRACE_MS = 10_000;
const REFRESH_TOKEN = /^cr_[A-Za-z0-9_-]{43}$/;
const NEXT_AAD = Buffer.from('chartly.refresh.next');

const TOKEN = `
  SELECT t.used_at AS "usedAt", t.next_sealed AS "nextSealed", s.id AS "sessionId", s.user_id AS "userId",
         s.revoked_at AS "revokedAt", s.expires_at AS "expiresAt", s.last_used_at AS "lastUsedAt",
         u.name, u.state
    FROM auth.refresh_tokens t
    JOIN auth.sessions s ON s.id = t.session_id
    JOIN auth.users u ON u.id = s.user_id
   WHERE t.hash = $1
     FOR UPDATE OF t, s`;

interface TokenRow {
  readonly usedAt: Date | null;
  readonly nextSealed: Buffer | null;
  readonly sessionId: string;
  readonly userId: string;
  readonly revokedAt: Date | null;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date;
  readonly name: string;
  readonly state: string;
}

/** Logins that go on. A refresh token is used once; who uses one a second time ends the session (rule 16). */
@Injectable()
export class Sessions {
  constructor(
    private readonly database: DataSource,
    private readonly keys: SigningKeys,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /** A new session of somebody who has just shown who they are, by the given methods (RFC 8176). */
  async begin(tx: EntityManager, user: User, methods: readonly string[]): Promise<LoggedIn> {
    const now = this.clock.now();
    const sessionId = this.ids.uuidv7();
    const { client } = currentCall();
    await tx.query(
      `INSERT INTO auth.sessions (id, user_id, methods, agent, address, created_at, last_used_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $6, $7)`,
      [
        sessionId,
        user.id,
        methods,
        client?.agent ?? null,
        client?.address ?? null,
        now,
        new Date(now.getTime() + LIFE_MS),
      ],
    );
    await tx.update(User, { id: user.id }, { lastLoginAt: now });
    const refreshToken = await this.issue(tx, sessionId, now);
    await this.audit.record(tx, {
      action: 'session.begin',
      target: `Session/${sessionId}`,
      outcome: 'succeeded',
      reason: methods.join(', '),
      actor: { kind: 'user', id: user.id, name: user.name },
    });
    return this.loggedIn({ sessionId, userId: user.id, name: user.name }, refreshToken);
  }

  /** Throws Unauthenticated `session.ended` for anything but the newest token of a session that goes on. */
  async refresh(refreshToken: string): Promise<LoggedIn> {
    if (!REFRESH_TOKEN.test(refreshToken)) throw ended();
    const outcome = await this.database.transaction(async (tx) => {
      const [row] = await tx.query<TokenRow[]>(TOKEN, [hashOf(refreshToken)]);
      const now = this.clock.now();
      if (!row || !goesOn(row, now)) return undefined;
      if (row.usedAt === null) return { row, next: await this.succeed(tx, row, refreshToken, now) };
      if (row.nextSealed && now.getTime() - row.usedAt.getTime() < GRACE_MS) {
        return { row, next: open(keyOf(refreshToken), row.nextSealed, NEXT_AAD).toString() };
      }
      await this.revokeIn(tx, row, 'a refresh token was used twice', 'denied');
      return undefined;
    });
    if (!outcome) throw ended();
    return this.loggedIn(outcome.row, outcome.next);
  }

  /** The user of an access token whose session goes on. */
  async userOf(accessToken: string): Promise<{ user: User; sessionId: string } | undefined> {
    const claims = await this.keys.verify(accessToken);
    if (!claims) return undefined;
    const [row] = await this.database.query<unknown[]>(
      'SELECT 1 FROM auth.sessions WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3',
      [claims.sessionId, claims.userId, this.clock.now()],
    );
    if (!row) return undefined;
    const user = await this.database.manager.findOneBy(User, { id: claims.userId, state: 'active' });
    return user ? { user, sessionId: claims.sessionId } : undefined;
  }

  /** Whether the session is the user's, goes on, and began after `since`. */
  async isFresh(userId: string, sessionId: string, since: Date): Promise<boolean> {
    const rows = await this.database.query<unknown[]>(
      'SELECT 1 FROM auth.sessions WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND created_at > $3',
      [sessionId, userId, since],
    );
    return rows.length > 0;
  }

  async list(userId: string): Promise<SessionView[]> {
    const rows = await this.database.query<
      {
        id: string;
        methods: string[];
        agent: string | null;
        address: string | null;
        createdAt: Date;
        lastUsedAt: Date;
        expiresAt: Date;
      }[]
    >(
      `SELECT id, methods, agent, address, created_at AS "createdAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt"
         FROM auth.sessions
        WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 AND last_used_at > $3
        ORDER BY last_used_at DESC, id DESC`,
      [userId, this.clock.now(), new Date(this.clock.now().getTime() - IDLE_MS)],
    );
    return rows.map(({ id, methods, agent, address, createdAt, lastUsedAt, expiresAt }) => ({
      id,
      methods,
      ...(agent === null ? {} : { agent }),
      ...(address === null ? {} : { address }),
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    }));
  }

  /** Throws NotFound `session.unknown` for one that is not this user's. */
  async revoke({ userId, sessionId }: SessionRef): Promise<void> {
    await this.database.transaction(async (tx) => {
      const [row] = await tx.query<{ revokedAt: Date | null }[]>(
        'SELECT revoked_at AS "revokedAt" FROM auth.sessions WHERE id = $1 AND user_id = $2 FOR UPDATE',
        [sessionId, userId],
      );
      if (!row) throw new NotFound('session.unknown', `There is no session ${sessionId}.`);
      if (row.revokedAt === null) await this.revokeIn(tx, { sessionId, userId }, 'asked for');
    });
  }

  /** Ends whatever the refresh token keeps going; an unknown one ends nothing, and is not told so. */
  async end(refreshToken: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const [row] = await tx.query<TokenRow[]>(TOKEN, [hashOf(refreshToken)]);
      if (row && row.revokedAt === null) await this.revokeIn(tx, row, 'logged out');
    });
  }

  /** Ends all sessions of somebody whose password was changed, or who was shut out. */
  async revokeAll(tx: EntityManager, userId: string, because: string): Promise<void> {
    await tx.query(
      `UPDATE auth.sessions SET revoked_at = $2, revoked_because = $3 WHERE user_id = $1 AND revoked_at IS NULL`,
      [userId, this.clock.now(), because],
    );
  }

  async sweep(): Promise<void> {
    await this.database.query('DELETE FROM auth.sessions WHERE expires_at < $1 OR last_used_at < $2', [
      this.clock.now(),
      new Date(this.clock.now().getTime() - LIFE_MS),
    ]);
    await this.database.query('DELETE FROM auth.challenges WHERE expires_at < $1', [this.clock.now()]);
  }

  private async succeed(tx: EntityManager, { sessionId }: TokenRow, token: string, now: Date): Promise<string> {
    const next = await this.issue(tx, sessionId, now);
    // only who holds the old token can read the new one
    await tx.query('UPDATE auth.refresh_tokens SET used_at = $2, next_sealed = $3 WHERE hash = $1', [
      hashOf(token),
      now,
      seal(keyOf(token), Buffer.from(next), NEXT_AAD),
    ]);
    await tx.query('UPDATE auth.sessions SET last_used_at = $2 WHERE id = $1', [sessionId, now]);
    return next;
  }

  private async issue(tx: EntityManager, sessionId: string, now: Date): Promise<string> {
    const token = `cr_${randomBytes(32).toString('base64url')}`;
    await tx.query('INSERT INTO auth.refresh_tokens (hash, session_id, created_at) VALUES ($1, $2, $3)', [
      hashOf(token),
      sessionId,
      now,
    ]);
    return token;
  }

  private async revokeIn(
    tx: EntityManager,
    { sessionId, userId }: { sessionId: string; userId: string },
    because: string,
    outcome: 'succeeded' | 'denied' = 'succeeded',
  ): Promise<void> {
    await tx.query('UPDATE auth.sessions SET revoked_at = $2, revoked_because = $3 WHERE id = $1', [
      sessionId,
      this.clock.now(),
      because,
    ]);
    await this.audit.record(tx, {
      action: 'session.end',
      target: `Session/${sessionId}`,
      outcome,
      reason: `${because}; of user ${userId}`,
    });
  }

  private async loggedIn(
    { sessionId, userId, name }: { sessionId: string; userId: string; name: string },
    refreshToken: string,
  ): Promise<LoggedIn> {
    const accessToken = await this.keys.sign({ userId, sessionId }, name);
    return { accessToken, expiresIn: ACCESS_LIFE_S, refreshToken, sessionId, user: name };
  }
}

const goesOn = ({ revokedAt, expiresAt, lastUsedAt, state }: TokenRow, now: Date): boolean =>
  revokedAt === null && expiresAt > now && lastUsedAt.getTime() + IDLE_MS > now.getTime() && state === 'active';

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const keyOf = (token: string): Buffer => Buffer.from(hkdfSync('sha256', token, '', 'chartly.refresh.next', 32));

const ended = (): Unauthenticated => new Unauthenticated('session.ended', 'The session has ended. Log in again.');

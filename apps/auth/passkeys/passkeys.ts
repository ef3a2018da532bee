import { Injectable } from '@nestjs/common';
import {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock, Ids } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { AddPasskey, PasskeyAnswer, PasskeyCeremony, PasskeyView, RemovePasskey } from '#libs/contracts/auth-logins';
import { LoggedIn } from '#libs/contracts/auth-users';
import { Done } from '#libs/contracts/pipeline-ref';
import { NotFound, Unauthenticated, Unprocessable } from '#libs/errors/errors';
import { Refusals } from '../refusals';
import { Change, Replies } from '../sealed/replies';
import { Challenges } from '../sessions/challenges';
import { LoginThrottle } from '../sessions/login-throttle';
import { Sessions } from '../sessions/sessions';
import { User } from '../users/user.entity';

const CEREMONY_MS = 300_000;
const RP_NAME = 'Chartly';

interface PasskeyRow {
  readonly id: string;
  readonly userId: string;
  readonly publicKey: Buffer;
  readonly counter: string;
  readonly transports: AuthenticatorTransport[];
}

/** Logins without a password, by WebAuthn: the authenticator checks its owner, so that one is two factors by itself. */
@Injectable()
export class Passkeys {
  constructor(
    private readonly database: DataSource,
    private readonly challenges: Challenges,
    private readonly sessions: Sessions,
    private readonly throttle: LoginThrottle,
    private readonly refusals: Refusals,
    private readonly replies: Replies,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly config: ChartlyConfig,
  ) {}

  async beginAdding(user: User): Promise<PasskeyCeremony> {
    const owned = await this.database.query<{ id: string; transports: AuthenticatorTransport[] }[]>(
      'SELECT id, transports FROM auth.passkeys WHERE user_id = $1',
      [user.id],
    );
    const options = await generateRegistrationOptions({
      rpName: RP_NAME,
      rpID: this.rpId,
      userName: user.name,
      userDisplayName: user.displayName,
      userID: new Uint8Array(Buffer.from(user.id)),
      attestationType: 'none',
      excludeCredentials: owned,
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    return this.begun('passkey.add', options, user.id);
  }

  /** Throws Unprocessable `passkey.refused` for an answer that is not to our challenge, at our address. */
  add(request: AddPasskey): Promise<PasskeyView> {
    return this.replies.around((change) => this.addOne(request, change));
  }

  async beginLogin(): Promise<PasskeyCeremony> {
    const options = await generateAuthenticationOptions({ rpID: this.rpId, userVerification: 'required' });
    return this.begun('passkey.login', options);
  }

  /** Throws Unauthenticated `login.wrong`, with one sentence for all that may be wrong. */
  async login({ challengeId, response }: PasskeyAnswer): Promise<LoggedIn> {
    return this.throttle.during({ kind: 'passkey', name: '' }, async () => {
      const session = await this.verified(challengeId, response as AuthenticationResponseJSON); // which the library checks
      if (session) return session;
      await this.refusals.record({ action: 'session.begin', target: 'User', reason: 'wrong passkey' });
      throw new Unauthenticated('login.wrong', 'The passkey is unknown, or its answer is not to our question.');
    });
  }

  async list(userId: string): Promise<PasskeyView[]> {
    const rows = await this.database.query<{ id: string; name: string; createdAt: Date; lastUsedAt: Date | null }[]>(
      `SELECT id, name, created_at AS "createdAt", last_used_at AS "lastUsedAt"
         FROM auth.passkeys WHERE user_id = $1 ORDER BY created_at`,
      [userId],
    );
    return rows.map(({ id, name, createdAt, lastUsedAt }) => ({
      id,
      name,
      createdAt: createdAt.toISOString(),
      ...(lastUsedAt ? { lastUsedAt: lastUsedAt.toISOString() } : {}),
    }));
  }

  remove({ userId, passkeyId }: Pick<RemovePasskey, 'userId' | 'passkeyId'>, change: Change<Done>): Promise<Done> {
    return change(async (tx) => {
      const [rows] = await tx.query<[unknown[], number]>(
        'DELETE FROM auth.passkeys WHERE id = $1 AND user_id = $2 RETURNING 1',
        [passkeyId, userId],
      );
      if (rows.length === 0) throw new NotFound('passkey.unknown', 'There is no such passkey.');
      await this.audit.record(tx, { action: 'users.remove_passkey', target: `User/${userId}`, outcome: 'succeeded' });
      return {};
    });
  }

  private async addOne(
    { userId, challengeId, response, name }: AddPasskey,
    change: Change<PasskeyView>,
  ): Promise<PasskeyView> {
    const asked = await this.challenges.take<{ challenge: string }>(challengeId, 'passkey.add', userId);
    if (!asked) throw refused('the challenge is too old, or was answered already');
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as RegistrationResponseJSON, // which the library checks
      expectedChallenge: asked.challenge,
      expectedOrigin: this.origin,
      expectedRPID: this.rpId,
      requireUserVerification: true,
    }).catch((thrown: unknown) => {
      throw refused(thrown instanceof Error ? thrown.message : 'it cannot be read');
    });
    if (!verified || !registrationInfo) throw refused('its signature does not hold');
    const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
    const createdAt = this.clock.now();
    return change(async (tx) => {
      await tx.query(
        `INSERT INTO auth.passkeys (id, user_id, name, public_key, counter, transports, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [id, userId, name, Buffer.from(publicKey), counter, transports, createdAt],
      );
      await this.audit.record(tx, { action: 'users.add_passkey', target: `User/${userId}`, outcome: 'succeeded' });
      return { id, name, createdAt: createdAt.toISOString() };
    });
  }

  private async verified(challengeId: string, response: AuthenticationResponseJSON): Promise<LoggedIn | undefined> {
    const asked = await this.challenges.take<{ challenge: string }>(challengeId, 'passkey.login');
    if (!asked || typeof response.id !== 'string') return undefined;
    return this.database.transaction(async (tx) => {
      const [row] = await tx.query<PasskeyRow[]>(
        `SELECT id, user_id AS "userId", public_key AS "publicKey", counter, transports
           FROM auth.passkeys WHERE id = $1 FOR UPDATE`,
        [response.id],
      );
      const user = row && (await tx.findOneBy(User, { id: row.userId, state: 'active' }));
      if (!row || !user) return undefined;
      const answer = await verifyAuthenticationResponse({
        response,
        expectedChallenge: asked.challenge,
        expectedOrigin: this.origin,
        expectedRPID: this.rpId,
        requireUserVerification: true,
        credential: {
          id: row.id,
          publicKey: new Uint8Array(row.publicKey),
          counter: Number(row.counter),
          transports: row.transports,
        },
      }).catch(() => undefined);
      if (!answer?.verified) return undefined;
      await tx.query('UPDATE auth.passkeys SET counter = $2, last_used_at = $3 WHERE id = $1', [
        row.id,
        answer.authenticationInfo.newCounter,
        this.clock.now(),
      ]);
      return this.sessions.begin(tx, user, ['hwk', 'user', 'mfa']);
    });
  }

  private async begun(kind: string, options: { challenge: string }, userId?: string): Promise<PasskeyCeremony> {
    const challengeId = this.ids.uuidv7();
    await this.challenges.put(challengeId, kind, CEREMONY_MS, { challenge: options.challenge }, userId);
    return { challengeId, options };
  }

  private get origin(): string {
    return new URL(this.config.publicUrl).origin;
  }

  private get rpId(): string {
    return new URL(this.config.publicUrl).hostname;
  }
}

const refused = (why: string): Unprocessable =>
  new Unprocessable('passkey.refused', `The passkey was not taken: ${why.replace(/\.$/, '')}. Begin anew.`);

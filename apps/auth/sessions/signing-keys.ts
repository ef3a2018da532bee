import { BeforeApplicationShutdown, Injectable, OnApplicationBootstrap } from '@nestjs/common';
import { exportJWK, JWK, jwtVerify, SignJWT } from 'jose';
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, KeyObject } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Clock } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { Periodic } from '#libs/queue/periodic';
import { SealedValues } from '../sealed/sealed-values';

/** How long an access token is good for. Unit: seconds. */
export const ACCESS_LIFE_S = 300;
const AUDIENCE = 'chartly';
const DAY_MS = 86_400_000;
/** A key signs for this long, and is published on until its last token has expired for certain. */
const SIGNS_MS = 30 * DAY_MS;
const PUBLISHED_MS = DAY_MS;
const ROTATE_EVERY_MS = 3_600_000;

const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('auth.signing_keys', 0))`;
const CURRENT = `SELECT kid, created_at AS "createdAt" FROM auth.signing_keys WHERE retired_at IS NULL ORDER BY created_at DESC LIMIT 1`;

export interface AccessClaims {
  readonly userId: string;
  readonly sessionId: string;
}

/** The Ed25519 keys that sign access tokens (RFC 8037). One signs; those before it are published until nobody needs them. */
@Injectable()
export class SigningKeys implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly rounds = new Periodic('SigningKeys', ROTATE_EVERY_MS, () => this.tidy());
  private readonly publicKeys = new Map<string, KeyObject>();

  constructor(
    private readonly database: DataSource,
    private readonly sealed: SealedValues,
    private readonly clock: Clock,
    private readonly config: ChartlyConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }

  async sign({ userId, sessionId }: AccessClaims, name: string): Promise<string> {
    const { kid, privateKey } = await this.current();
    const now = Math.floor(this.clock.now().getTime() / 1_000);
    return new SignJWT({ sid: sessionId, name })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'at+jwt' })
      .setIssuer(this.config.publicUrl)
      .setAudience(AUDIENCE)
      .setSubject(userId)
      .setIssuedAt(now)
      .setExpirationTime(now + ACCESS_LIFE_S)
      .sign(privateKey);
  }

  /** What a token of ours says; undefined for any other, or one that has expired. */
  async verify(token: string): Promise<AccessClaims | undefined> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.publicKey(kid ?? ''), {
        algorithms: ['EdDSA'],
        typ: 'at+jwt',
        issuer: this.config.publicUrl,
        audience: AUDIENCE,
        currentDate: this.clock.now(),
      });
      const { sub, sid } = payload;
      return typeof sub === 'string' && typeof sid === 'string' ? { userId: sub, sessionId: sid } : undefined;
    } catch {
      return undefined; // whatever is wrong with it, it is no token of ours
    }
  }

  /** Public keys as RFC 7517 has them: the one that signs, and those whose tokens may still be about. */
  async keySet(): Promise<object[]> {
    const rows = await this.database.query<{ jwk: object }[]>(
      'SELECT public_jwk AS jwk FROM auth.signing_keys WHERE retired_at IS NULL OR retired_at > $1 ORDER BY created_at DESC',
      [new Date(this.clock.now().getTime() - PUBLISHED_MS)],
    );
    return rows.map(({ jwk }) => jwk);
  }

  /** A new key signs from now on. */
  async rotate(): Promise<string> {
    return this.database.transaction(async (tx) => {
      await tx.query(LOCK);
      const now = this.clock.now();
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      const jwk = await exportJWK(publicKey);
      const kid = createHash('sha256').update(String(jwk.x)).digest('base64url').slice(0, 16);
      await tx.query('UPDATE auth.signing_keys SET retired_at = $1 WHERE retired_at IS NULL', [now]);
      await tx.query('INSERT INTO auth.signing_keys (kid, public_jwk, created_at) VALUES ($1, $2, $3)', [
        kid,
        JSON.stringify({ ...jwk, kid, alg: 'EdDSA', use: 'sig' }),
        now,
      ]);
      const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
      await this.sealed.put(tx, `signing-key/${kid}`, Buffer.from(pem));
      return kid;
    });
  }

  private async current(): Promise<{ kid: string; privateKey: KeyObject }> {
    let [row] = await this.database.query<{ kid: string; createdAt: Date }[]>(CURRENT);
    if (!row || row.createdAt.getTime() + SIGNS_MS <= this.clock.now().getTime()) {
      await this.rotate();
      [row] = await this.database.query<{ kid: string; createdAt: Date }[]>(CURRENT);
    }
    const pem = row && (await this.sealed.get(`signing-key/${row.kid}`));
    if (!row || !pem) throw new TypeError('The signing key is not there that was just made.');
    return { kid: row.kid, privateKey: createPrivateKey(pem.toString()) };
  }

  private async publicKey(kid: string): Promise<KeyObject> {
    const known = this.publicKeys.get(kid);
    if (known) return known;
    const [row] = await this.database.query<{ jwk: JWK }[]>(
      'SELECT public_jwk AS jwk FROM auth.signing_keys WHERE kid = $1',
      [kid],
    );
    if (!row) throw new TypeError('No such key.');
    const key = createPublicKey({ key: { ...row.jwk }, format: 'jwk' });
    this.publicKeys.set(kid, key);
    return key;
  }

  /** Forgets private keys that sign no more, and public ones that nobody needs. */
  private async tidy(): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.query(
        `DELETE FROM auth.sealed_values
          WHERE id IN (SELECT 'signing-key/' || kid FROM auth.signing_keys WHERE retired_at IS NOT NULL)`,
      );
      await tx.query('DELETE FROM auth.signing_keys WHERE retired_at < $1', [
        new Date(this.clock.now().getTime() - PUBLISHED_MS),
      ]);
    });
  }
}

import { Injectable } from '@nestjs/common';
import { createHash, randomBytes } from 'node:crypto';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { RecoveryCodes, TotpCode, TotpEnrolment } from '#libs/contracts/auth-users';
import { Done } from '#libs/contracts/pipeline-ref';
import { Conflict, Forbidden } from '#libs/errors/errors';
import { LoginThrottle, proofOf } from '../sessions/login-throttle';
import { Change, Replies } from '../sealed/replies';
import { SealedValues } from '../sealed/sealed-values';
import { base32, matchingStep } from './totp';
import { User } from './user.entity';

const SECRET_BYTES = 20;
const RECOVERY_CODES = 10;

interface TotpRow {
  readonly confirmedAt: Date | null;
  readonly lastStep: string;
}

const ROW = `SELECT confirmed_at AS "confirmedAt", last_step AS "lastStep" FROM auth.totp WHERE user_id = $1 FOR UPDATE`;

/** The authenticator app of a user (RFC 6238), and the recovery codes for who lost it. */
@Injectable()
export class SecondFactors {
  constructor(
    private readonly database: DataSource,
    private readonly sealed: SealedValues,
    private readonly replies: Replies,
    private readonly throttle: LoginThrottle,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly config: ChartlyConfig,
  ) {}

  /** A new secret, in force once {@link confirm} has seen a code of it. Throws Conflict `totp.enrolled`. */
  enrol({ id, name }: User, change: Change<TotpEnrolment>): Promise<TotpEnrolment> {
    return change(async (tx) => {
      const [row] = await tx.query<TotpRow[]>(ROW, [id]);
      if (row?.confirmedAt) {
        throw new Conflict('totp.enrolled', 'You have a second factor already. Take it off first, with a code of it.');
      }
      const secret = randomBytes(SECRET_BYTES);
      await this.sealed.put(tx, sealedId(id), secret);
      await tx.query(
        `INSERT INTO auth.totp (user_id, last_step) VALUES ($1, 0)
         ON CONFLICT (user_id) DO UPDATE SET last_step = 0`,
        [id],
      );
      const issuer = new URL(this.config.publicUrl).hostname;
      const text = base32(secret);
      const label = encodeURIComponent(`${issuer}:${name}`);
      return {
        secret: text,
        uri: `otpauth://totp/${label}?secret=${text}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=6&period=30`,
      };
    });
  }

  /** Puts the second factor in force and gives the recovery codes. Throws Forbidden `totp.wrong`. */
  confirm({ userId, code }: TotpCode): Promise<RecoveryCodes> {
    return this.guessed(userId, async (tx) => {
      if (!(await this.accepts(tx, userId, code))) throw wrong();
      await tx.query('UPDATE auth.totp SET confirmed_at = coalesce(confirmed_at, $2) WHERE user_id = $1', [
        userId,
        this.clock.now(),
      ]);
      const recoveryCodes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
      await tx.query('DELETE FROM auth.recovery_codes WHERE user_id = $1', [userId]);
      for (const one of recoveryCodes) {
        await tx.query('INSERT INTO auth.recovery_codes (user_id, hash) VALUES ($1, $2)', [userId, hashOf(one)]);
      }
      await this.record(tx, 'users.add_second_factor', userId);
      return { recoveryCodes };
    });
  }

  /** Takes a code of it, so that a session left open is not enough. */
  remove({ userId, code }: TotpCode): Promise<Done> {
    return this.guessed(userId, async (tx) => {
      if (!(await this.check(tx, userId, code))) throw wrong();
      await tx.query('DELETE FROM auth.totp WHERE user_id = $1', [userId]);
      await tx.query('DELETE FROM auth.recovery_codes WHERE user_id = $1', [userId]);
      await this.sealed.delete(tx, sealedId(userId));
      await this.record(tx, 'users.remove_second_factor', userId);
      return {};
    });
  }

  async isRequired(userId: string): Promise<boolean> {
    const rows = await this.database.query<unknown[]>(
      'SELECT 1 FROM auth.totp WHERE user_id = $1 AND confirmed_at IS NOT NULL',
      [userId],
    );
    return rows.length > 0;
  }

  /** Whether it is a code of the app or a recovery code; either is used up by it. */
  async check(tx: EntityManager, userId: string, code: string): Promise<'otp' | 'recovery' | undefined> {
    if (await this.accepts(tx, userId, code)) return 'otp';
    const [used] = await tx.query<[unknown[], number]>(
      'UPDATE auth.recovery_codes SET used_at = $3 WHERE user_id = $1 AND hash = $2 AND used_at IS NULL RETURNING 1',
      [userId, hashOf(code), this.clock.now()],
    );
    return used.length > 0 ? 'recovery' : undefined;
  }

  /** Each wrong code counts (rule 21): a session left open gives nobody a million guesses. */
  private guessed<T extends object>(userId: string, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.replies.around((change) => this.throttle.during(proofOf(userId), () => change(work)));
  }

  private async accepts(tx: EntityManager, userId: string, code: string): Promise<boolean> {
    const [row] = await tx.query<TotpRow[]>(ROW, [userId]);
    const secret = row && (await this.sealed.get(sealedId(userId), tx));
    if (!row || !secret) return false;
    const step = matchingStep(secret, code, this.clock.now().getTime(), BigInt(row.lastStep));
    if (step === undefined) return false;
    await tx.query('UPDATE auth.totp SET last_step = $2 WHERE user_id = $1', [userId, step.toString()]);
    return true;
  }

  private record(tx: EntityManager, action: string, userId: string): Promise<void> {
    return this.audit.record(tx, { action, target: `User/${userId}`, outcome: 'succeeded' });
  }
}

const sealedId = (userId: string): string => `totp/${userId}`;

/** 80 random bits, in groups of four for who copies them by hand. */
const newRecoveryCode = (): string => (base32(randomBytes(10)).toLowerCase().match(/.{4}/g) ?? []).join('-');

/** As it was written down: in any case, with or without the strokes. */
const hashOf = (code: string): Buffer =>
  createHash('sha256')
    .update(code.toLowerCase().replace(/[^a-z0-9]/g, ''))
    .digest();

const wrong = (): Forbidden =>
  new Forbidden('totp.wrong', 'The code is wrong, or was used already. Wait for the next.');

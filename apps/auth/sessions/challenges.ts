import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '#libs/clock/clock';

/** What was asked and is to be answered soon, once: a passkey's challenge, a login at a provider. */
@Injectable()
export class Challenges {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  async put(id: string, kind: string, lifeMs: number, body: object, userId?: string): Promise<void> {
    await this.database.query(
      'INSERT INTO auth.challenges (id, kind, user_id, body, expires_at) VALUES ($1, $2, $3, $4, $5)',
      [id, kind, userId ?? null, JSON.stringify(body), new Date(this.clock.now().getTime() + lifeMs)],
    );
  }

  /** The challenge, which is gone with that; undefined when there is none, or it is too old, or another's. */
  async take<T extends object>(id: string, kind: string, userId?: string): Promise<T | undefined> {
    const [rows] = await this.database.query<[{ body: T }[], number]>(
      `DELETE FROM auth.challenges
        WHERE id = $1 AND kind = $2 AND user_id IS NOT DISTINCT FROM $3 AND expires_at > $4
        RETURNING body`,
      [id, kind, userId ?? null, this.clock.now()],
    );
    return rows[0]?.body;
  }
}

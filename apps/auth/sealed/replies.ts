import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Ids } from '#libs/clock/clock';
import { Conflict } from '#libs/errors/errors';
import { Idempotency } from '#libs/idempotency/idempotency';
import { currentCall } from '#libs/transport/call-context';
import { SealedValues } from './sealed-values';

/** Sealed replies whose Idempotency-Key has been forgotten. */
const SWEEP = `
  DELETE FROM auth.sealed_values v
   WHERE v.id LIKE 'reply/%' AND NOT EXISTS (SELECT FROM auth.idempotency i WHERE i.reply ->> 'sealed' = v.id)`;

/** Makes a change in its transaction. */
export type Change<T> = (change: (tx: EntityManager) => Promise<T>) => Promise<T>;

interface SealedReply {
  /** The id of the sealed value. */
  readonly sealed: string;
}

/**
 * Rule 7 for changes whose replies may hold a secret: the reply is kept sealed, and is given again to whoever got it the
 * first time alone.
 */
@Injectable()
export class Replies {
  constructor(
    private readonly database: DataSource,
    private readonly idempotency: Idempotency,
    private readonly sealed: SealedValues,
    private readonly ids: Ids,
  ) {}

  /** Does `work` in a transaction of its own, once for the current call's key. Throws as {@link Idempotency.once} does. */
  once<T extends object>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    if (!currentCall().idempotency) return this.database.transaction(work);
    return this.database.transaction(async (tx) => {
      let reply: T | undefined;
      const kept = await this.idempotency.once(tx, async () => {
        reply = await work(tx);
        return this.seal(tx, reply);
      });
      return reply ?? this.open<T>(tx, kept.sealed);
    });
  }

  /** The reply of {@link once} that is kept, or else what `work` gives, which asks {@link once} in its turn. */
  async first<T extends object>(work: () => Promise<T>): Promise<T> {
    const kept = await this.idempotency.replied<SealedReply>(this.database);
    return kept ? this.open<T>(this.database.manager, kept.sealed) : work();
  }

  /**
   * As {@link once}, for a change before which something is looked at or used up: a proof, a challenge. `work` makes the
   * change by calling `change`, whose transaction it is.
   */
  async around<T extends object>(work: (change: Change<T>) => Promise<T>): Promise<T> {
    if (!currentCall().idempotency) return work((change) => this.database.transaction(change));
    let reply: T | undefined;
    const kept = await this.idempotency.around<SealedReply>(this.database, async (keep) => {
      let sealed: SealedReply | undefined;
      reply = await work((change) =>
        this.database.transaction(async (tx) => {
          const changed = await change(tx);
          sealed = await this.seal(tx, changed);
          await keep(tx, sealed);
          return changed;
        }),
      );
      if (!sealed) throw new TypeError('A change under an Idempotency-Key was not made by its own transaction.');
      return sealed;
    });
    return reply ?? this.open<T>(this.database.manager, kept.sealed);
  }

  async sweep(): Promise<void> {
    await this.database.query(SWEEP);
  }

  private async seal(tx: EntityManager, reply: object): Promise<SealedReply> {
    const sealed = `reply/${this.ids.uuidv7()}`;
    await this.sealed.put(tx, sealed, Buffer.from(JSON.stringify(reply)));
    return { sealed };
  }

  private async open<T>(tx: EntityManager, sealed: string): Promise<T> {
    const reply = await this.sealed.get(sealed, tx);
    if (reply) return JSON.parse(reply.toString()) as T; // as it was sealed
    throw new Conflict('idempotency.forgotten', 'The first answer under this Idempotency-Key is no longer kept.');
  }
}

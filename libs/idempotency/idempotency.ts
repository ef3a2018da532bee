import { DataSource, EntityManager } from 'typeorm';
import { Conflict, Unprocessable } from '#libs/errors/errors';
import { currentCall, IdempotencyKey } from '#libs/transport/call-context';
import { Claim } from './claim';
import { REPLIES } from './tables';

/** Rule 7: how long a reply is kept. */
const KEPT = `interval '72 hours'`;
const RETRY_AFTER_MS = 1_000;

/** Puts a reply down in the transaction of the change that it tells of. */
export type Keep<T> = (tx: EntityManager, reply: T) => Promise<void>;

/**
 * What callers may send again under one `Idempotency-Key`, which means something for its caller alone. The reply commits
 * with the change that it tells of, so that there is never one without the other, and a failure leaves nothing behind.
 */
export class Idempotency {
  /** `keptDigest` gives what is kept of a request's digest, always the same of the same; the digest itself by default. */
  constructor(
    readonly schema: string,
    private readonly table = REPLIES,
    private readonly keptDigest = async ({ digest }: IdempotencyKey): Promise<string> => digest,
  ) {}

  /**
   * Does `work` the first time that the current call's key comes, and gives the first reply every other time. `tx` is
   * the transaction of the change. Without a key it just does the work. Throws Conflict `idempotency.in_flight` while
   * the first is under way, Unprocessable `idempotency.other_body` when the key stood for another request.
   */
  async once<T extends object>(tx: EntityManager, work: () => Promise<T>): Promise<T> {
    const key = await this.keyOfCaller();
    if (!key) return work();
    const kept = await this.alone<T>(tx, key);
    if (kept) return kept;
    const reply = await work();
    await this.keep(tx, key, reply);
    return reply;
  }

  /**
   * As {@link once}, for work that is more than one transaction: it holds no connection while it goes on. `work` calls
   * `keep` in the transaction by which the change becomes true, so that the reply commits with it; work that has an
   * identity of its own, and may therefore be done again, need not. A process that ends meanwhile leaves the key to
   * whoever asks again, half a minute later.
   */
  async around<T extends object>(database: DataSource, work: (keep: Keep<T>) => Promise<T>): Promise<T> {
    const key = await this.keyOfCaller();
    if (!key) return work(() => Promise.resolve());
    const begun = await database.transaction(async (tx): Promise<{ kept: T } | Claim> => {
      const kept = await this.alone<T>(tx, key);
      if (kept) return { kept };
      const claim = await Claim.take(database, tx, this.claims, key);
      if (!claim) throw inFlight();
      return claim;
    });
    if (!(begun instanceof Claim)) return begun.kept;
    let isKept = false;
    const keep: Keep<T> = async (tx, reply) => {
      if (!(await begun.isHeld(tx))) throw inFlight();
      await this.keep(tx, key, reply);
      isKept = true;
    };
    try {
      const meanwhile = await this.kept<T>(database.manager, key); // by one that ended just before the claim was taken
      if (meanwhile) return meanwhile;
      const reply = await work(keep);
      if (!isKept) await database.transaction((tx) => keep(tx, reply));
      return reply;
    } finally {
      await begun.release();
    }
  }

  /**
   * The first reply under the current call's key, if there is one: for what is looked at before the transaction of the
   * change, and may be otherwise by now. Throws Unprocessable as {@link once} does.
   */
  async replied<T extends object>(database: DataSource): Promise<T | undefined> {
    const key = await this.keyOfCaller();
    return key && this.kept<T>(database.manager, key);
  }

  /** Forgets what was kept long enough. */
  async sweep(database: DataSource): Promise<void> {
    await database.query(`DELETE FROM ${this.replies} WHERE created_at < clock_timestamp() - ${KEPT}`);
    await database.query(`DELETE FROM ${this.claims} WHERE until < clock_timestamp()`);
  }

  /** What a process that is the whole system was at when it ended is nobody's now. */
  async reclaim(database: DataSource): Promise<void> {
    await database.query(`DELETE FROM ${this.claims}`);
  }

  /** A key of one caller is none of another's. */
  private async keyOfCaller(): Promise<IdempotencyKey | undefined> {
    const { idempotency, principal } = currentCall();
    if (!idempotency) return undefined;
    const key = { ...idempotency, scope: `${principal.kind}:${principal.id} ${idempotency.scope}` };
    return { ...key, digest: await this.keptDigest(key) };
  }

  private get replies(): string {
    return `${this.schema}.${this.table}`;
  }

  private get claims(): string {
    return `${this.schema}.idempotency_claims`;
  }

  /** The reply that is kept; when there is none, nobody else gets this far before the transaction ends. */
  private async alone<T>(tx: EntityManager, key: IdempotencyKey): Promise<T | undefined> {
    const [lock] = await tx.query<{ taken: boolean }[]>(
      `SELECT pg_try_advisory_xact_lock(hashtextextended($1 || '.idempotency/' || $2 || ' ' || $3, 0)) AS taken`,
      [this.schema, key.scope, key.key],
    );
    if (!lock?.taken) throw inFlight();
    return this.kept<T>(tx, key);
  }

  private async kept<T>(tx: EntityManager, { scope, key, digest }: IdempotencyKey): Promise<T | undefined> {
    const [kept] = await tx.query<{ digest: string; reply: T }[]>(
      `SELECT digest, reply FROM ${this.replies} WHERE scope = $1 AND key = $2`,
      [scope, key],
    );
    if (kept && kept.digest !== digest) {
      throw new Unprocessable(
        'idempotency.other_body',
        'This Idempotency-Key stood for another request body. Take a new key for a new request.',
      );
    }
    return kept?.reply;
  }

  private async keep(tx: EntityManager, { scope, key, digest }: IdempotencyKey, reply: object): Promise<void> {
    await tx.query(`INSERT INTO ${this.replies} (scope, key, digest, reply) VALUES ($1, $2, $3, $4)`, [
      scope,
      key,
      digest,
      JSON.stringify(reply),
    ]);
  }
}

const inFlight = (): Conflict =>
  new Conflict(
    'idempotency.in_flight',
    'A request with this Idempotency-Key is still being answered. Wait for it, or ask again shortly.',
    { retryAfterMs: RETRY_AFTER_MS },
  );

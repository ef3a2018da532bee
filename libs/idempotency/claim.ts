import { randomUUID } from 'node:crypto';
import { DataSource, EntityManager } from 'typeorm';
import { IdempotencyKey } from '#libs/transport/call-context';

/** How long after its process ended work counts as under way. */
const LEASE = `interval '30 seconds'`;
const RENEW_MS = 10_000;

/** Holds a key while work under it goes on that is more than one transaction, and no connection meanwhile. */
export class Claim {
  private readonly renewing: NodeJS.Timeout;

  private constructor(
    private readonly database: DataSource,
    private readonly table: string,
    private readonly key: IdempotencyKey,
    private readonly id: string,
  ) {
    this.renewing = setInterval(() => void this.renew().catch(() => undefined), RENEW_MS).unref(); // the next one may
  }

  /** Undefined when somebody else holds it. */
  static async take(
    database: DataSource,
    tx: EntityManager,
    table: string,
    key: IdempotencyKey,
  ): Promise<Claim | undefined> {
    const id = randomUUID();
    const rows = await tx.query<unknown[]>(
      `INSERT INTO ${table} AS c (scope, key, claim, until) VALUES ($1, $2, $3, clock_timestamp() + ${LEASE})
       ON CONFLICT (scope, key) DO UPDATE SET claim = excluded.claim, until = excluded.until
        WHERE c.until < clock_timestamp()
       RETURNING 1`,
      [key.scope, key.key, id],
    );
    return rows.length === 0 ? undefined : new Claim(database, table, key, id);
  }

  /** Whether it is still ours; from here to the end of the transaction nobody takes it over. */
  async isHeld(tx: EntityManager): Promise<boolean> {
    const { scope, key } = this.key;
    const rows = await tx.query<unknown[]>(
      `SELECT 1 FROM ${this.table} WHERE scope = $1 AND key = $2 AND claim = $3 FOR UPDATE`,
      [scope, key, this.id],
    );
    return rows.length > 0;
  }

  async release(): Promise<void> {
    clearInterval(this.renewing);
    const { scope, key } = this.key;
    await this.database.query(`DELETE FROM ${this.table} WHERE scope = $1 AND key = $2 AND claim = $3`, [
      scope,
      key,
      this.id,
    ]);
  }

  private async renew(): Promise<void> {
    const { scope, key } = this.key;
    await this.database.query(
      `UPDATE ${this.table} SET until = clock_timestamp() + ${LEASE} WHERE scope = $1 AND key = $2 AND claim = $3`,
      [scope, key, this.id],
    );
  }
}

import { DataSource, EntityManager } from 'typeorm';

/** What a service has to tell another for certain: it commits with the change that it tells of. */
export interface OutboxEntry {
  /** The receiver takes an id once, however often it comes. */
  readonly id: string;
  readonly body: object;
}

/** The statement that makes a schema's outbox; it belongs into the service's first migration. */
export const outboxTableSql = (schema: string): string => `
  CREATE TABLE ${schema}.outbox (
    id            uuid PRIMARY KEY,
    body          jsonb NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    claimed_until timestamptz
  )`;

/** One schema's outbox. */
export class Outbox {
  private readonly listeners: (() => void)[] = [];

  constructor(readonly schema: string) {}

  /** Puts an entry into the transaction of the change that it tells of; one whose id waits already changes nothing. */
  async add(tx: EntityManager, { id, body }: OutboxEntry): Promise<void> {
    await tx.query(`INSERT INTO ${this.schema}.outbox (id, body) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, [
      id,
      JSON.stringify(body),
    ]);
    for (const wake of this.listeners) wake();
  }

  onAdd(wake: () => void): void {
    this.listeners.push(wake);
  }

  /** Up to `limit` entries that nobody else is shipping, the oldest first; a claim ends by itself after 30 s. */
  async claim(database: DataSource, limit: number): Promise<OutboxEntry[]> {
    const [entries] = await database.query<[(OutboxEntry & { created_at: Date })[], number]>(
      `UPDATE ${this.schema}.outbox
          SET claimed_until = clock_timestamp() + interval '30 seconds'
        WHERE id IN (
          SELECT id
            FROM ${this.schema}.outbox
           WHERE claimed_until IS NULL OR claimed_until < clock_timestamp()
           ORDER BY created_at, id
           LIMIT $1
             FOR UPDATE SKIP LOCKED)
        RETURNING id, body, created_at`,
      [limit],
    );
    return entries.sort((a, b) => a.created_at.getTime() - b.created_at.getTime() || (a.id < b.id ? -1 : 1));
  }

  async unclaim(database: DataSource, entries: readonly OutboxEntry[]): Promise<void> {
    await database.query(`UPDATE ${this.schema}.outbox SET claimed_until = NULL WHERE id = ANY($1)`, [
      entries.map(({ id }) => id),
    ]);
  }

  /** Ends every claim at once, also those of others. */
  async unclaimAll(database: DataSource): Promise<void> {
    await database.query(`UPDATE ${this.schema}.outbox SET claimed_until = NULL WHERE claimed_until IS NOT NULL`);
  }

  async delete(database: DataSource, entries: readonly OutboxEntry[]): Promise<void> {
    await database.query(`DELETE FROM ${this.schema}.outbox WHERE id = ANY($1)`, [entries.map(({ id }) => id)]);
  }
}

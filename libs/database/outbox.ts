import { EntityManager } from 'typeorm';

/** What a service has to tell another for certain: it commits with the change that it tells of. */
export interface OutboxEntry {
  /** The receiver takes an id once, however often it comes. */
  readonly id: string;
  readonly body: object;
}

/** The statement that makes a schema's outbox; it belongs into the service's first migration. */
export const outboxTableSql = (schema: string): string => `
  CREATE TABLE ${schema}.outbox (
    id         uuid PRIMARY KEY,
    body       jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`;

/** One schema's outbox. */
export class Outbox {
  private readonly listeners: (() => void)[] = [];

  constructor(readonly schema: string) {}

  /** Puts an entry into the transaction of the change that it tells of. */
  async add(tx: EntityManager, { id, body }: OutboxEntry): Promise<void> {
    await tx.query(`INSERT INTO ${this.schema}.outbox (id, body) VALUES ($1, $2)`, [id, JSON.stringify(body)]);
    for (const wake of this.listeners) wake();
  }

  onAdd(wake: () => void): void {
    this.listeners.push(wake);
  }
}

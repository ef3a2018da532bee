import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';

const SEALED = `SELECT coalesce(max(entries), 0) AS entries FROM audit.seals`;

const SEALED_WITHIN = `SELECT coalesce(max(entries), 0) AS entries FROM audit.seals WHERE index < $1`;

const KEEP = `INSERT INTO audit.seals (entries, index) VALUES ($1, $2)`;

const DROP = `SELECT audit.drop_sealed($1)`;

/** How much of the log is sealed: its first entries, of which the hashes alone are left in the database. */
@Injectable()
export class Seals {
  constructor(private readonly database: DataSource) {}

  /** How many entries are sealed. */
  async entries(tx: EntityManager = this.database.manager): Promise<number> {
    const [row] = await tx.query<{ entries: string }[]>(SEALED);
    return Number(row?.entries ?? 0);
  }

  /** How many are sealed by what a log of `size` says itself. */
  async within(size: number): Promise<number> {
    const [row] = await this.database.query<{ entries: string }[]>(SEALED_WITHIN, [size]);
    return Number(row?.entries ?? 0);
  }

  /** Seals the first `entries`, as the entry at `index` says. */
  async add(tx: EntityManager, entries: number, index: number): Promise<void> {
    await tx.query(KEEP, [entries, index]);
    await tx.query(DROP, [entries]);
  }
}

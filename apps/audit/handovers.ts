import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Handover } from '#libs/audit-proof/key-chain';

const ADD = `INSERT INTO audit.handovers (size, key, leaf, note) VALUES ($1, $2, $3, $4)`;

const ALL = `SELECT size, key, leaf, note FROM audit.handovers WHERE size <= $1 ORDER BY size`;

/** Where the log went over to another key, and the key. */
export interface KeptHandover extends Handover {
  /** Of the tree whose last entry names the key. */
  readonly size: number;
  readonly key: string;
}

/** The keys that the log went over to. */
@Injectable()
export class Handovers {
  constructor(private readonly database: DataSource) {}

  async add(tx: EntityManager, { size, key, leaf, note }: KeptHandover): Promise<void> {
    await tx.query(ADD, [size, key, leaf, note]);
  }

  /** Those in a log of `size`, in its order. */
  async upTo(size: number, tx: EntityManager = this.database.manager): Promise<KeptHandover[]> {
    const rows = await tx.query<(Omit<KeptHandover, 'size'> & { size: string })[]>(ALL, [size]);
    return rows.map((row) => ({ ...row, size: Number(row.size) }));
  }
}

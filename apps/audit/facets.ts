import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { AuditEntry, ListEntries } from '#libs/contracts/audit.contract';

const ADD = `
  INSERT INTO audit.facets (index, time, actor_kind, actor_id, action, target, project, outcome)
  SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                       $8::text[])`;

/** `action` and `target` match as they are, or as the beginning of what ends in `*`. */
const FIND = `
  SELECT e.index, e.leaf
    FROM audit.facets f
    JOIN audit.entries e USING (index)
   WHERE f.index >= $1
     AND ($2::text IS NULL OR f.actor_id = $2)
     AND ($3::text IS NULL OR f.action LIKE $3)
     AND ($4::text IS NULL OR f.target LIKE $4)
     AND ($5::text IS NULL OR f.project = $5)
     AND ($6::text IS NULL OR f.outcome = $6)
     AND ($7::timestamptz IS NULL OR f.time >= $7)
     AND ($8::timestamptz IS NULL OR f.time < $8)
   ORDER BY f.index
   LIMIT $9`;

export interface FoundEntry {
  readonly index: number;
  readonly leaf: string;
}

/** What entries are found by. */
@Injectable()
export class Facets {
  constructor(private readonly database: DataSource) {}

  async add(tx: EntityManager, placed: readonly { readonly index: number; readonly entry: AuditEntry }[]) {
    await tx.query(ADD, [
      placed.map(({ index }) => index),
      placed.map(({ entry }) => entry.time),
      placed.map(({ entry }) => entry.actor.kind),
      placed.map(({ entry }) => entry.actor.id),
      placed.map(({ entry }) => entry.action),
      placed.map(({ entry }) => entry.target),
      placed.map(({ entry }) => entry.project ?? null),
      placed.map(({ entry }) => entry.outcome),
    ]);
  }

  /** Entries from `from` on, in the order of the log, that have all that is asked for. */
  async find({ from = 0, ...asked }: ListEntries, limit: number): Promise<FoundEntry[]> {
    const rows = await this.database.query<{ index: string; leaf: string }[]>(FIND, [
      from,
      asked.actor ?? null,
      patternOf(asked.action),
      patternOf(asked.target),
      asked.project ?? null,
      asked.outcome ?? null,
      asked.since ?? null,
      asked.until ?? null,
      limit,
    ]);
    return rows.map(({ index, leaf }) => ({ index: Number(index), leaf }));
  }
}

/** A LIKE pattern that means no more than the text says: a `*` at its end is any ending. */
function patternOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  const literal = (text.endsWith('*') ? text.slice(0, -1) : text).replaceAll(/[\\%_]/g, '\\$&');
  return text.endsWith('*') ? `${literal}%` : literal;
}

import { Injectable } from '@nestjs/common';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { DataSource, EntityManager } from 'typeorm';
import { Disclosure } from '#libs/audit-proof/commitment';
import { RandomPool } from './random-pool';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const ADD_SUBJECTS = `
  INSERT INTO audit.subjects (subject, key)
  SELECT * FROM unnest($1::text[], $2::bytea[])
  ON CONFLICT (subject) DO NOTHING`;

const KEYS = `SELECT subject, key_id AS id, key FROM audit.subjects WHERE subject = ANY($1)`;

const ADD = `
  INSERT INTO audit.personal_data (index, path, key_id, sealed)
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::uuid[], $4::bytea[])`;

const DISCLOSED = `
  SELECT p.index, p.path, p.sealed, s.key
    FROM audit.personal_data p
    JOIN audit.subjects s USING (key_id)
   WHERE p.index = ANY($1)
   ORDER BY p.index, p.path`;

const ERASE = `DELETE FROM audit.subjects WHERE subject = $1 RETURNING key_id AS id`;

const COUNT = `SELECT count(*)::int AS fields FROM audit.personal_data WHERE key_id = $1`;

export interface PersonalField extends Disclosure {
  readonly index: number;
  readonly subject: string;
}

interface SubjectKey {
  readonly id: string;
  readonly key: Buffer;
}

/**
 * What entries say of persons, sealed under one key a person (AES-256-GCM). The log holds commitments to it, so that
 * it can be shown and checked; erasing a person is deleting the key, after which the log still verifies.
 */
@Injectable()
export class PersonalData {
  constructor(private readonly database: DataSource) {}

  async add(tx: EntityManager, fields: readonly PersonalField[]): Promise<void> {
    if (fields.length === 0) return;
    const keys = await this.keysOf(tx, [...new Set(fields.map(({ subject }) => subject))]);
    await tx.query(ADD, [
      fields.map(({ index }) => index),
      fields.map(({ path }) => path),
      fields.map(({ subject }) => keys.get(subject)!.id), // each has one by now
      fields.map((field) => seal(keys.get(field.subject)!.key, field)),
    ]);
  }

  /** What can still be shown of these entries, by index. */
  async of(indexes: readonly number[]): Promise<Map<number, Disclosure[]>> {
    const found = new Map<number, Disclosure[]>();
    const rows = await this.database.query<{ index: string; path: string; sealed: Buffer; key: Buffer }[]>(DISCLOSED, [
      indexes,
    ]);
    for (const { index, path, sealed, key } of rows) {
      const at = Number(index);
      found.set(at, [...(found.get(at) ?? []), unseal(key, at, path, sealed)]);
    }
    return found;
  }

  /** Makes what is sealed under a subject unreadable; gives how many fields that is, undefined for a subject unknown. */
  async erase(tx: EntityManager, subject: string): Promise<number | undefined> {
    const [[erased]] = await tx.query<[{ id: string }[], number]>(ERASE, [subject]);
    if (!erased) return undefined;
    const [row] = await tx.query<{ fields: number }[]>(COUNT, [erased.id]);
    return row?.fields ?? 0;
  }

  private async keysOf(tx: EntityManager, subjects: readonly string[]): Promise<Map<string, SubjectKey>> {
    const known = await this.keptKeys(tx, subjects);
    const strangers = subjects.filter((subject) => !known.has(subject));
    if (strangers.length === 0) return known;
    await tx.query(ADD_SUBJECTS, [strangers, strangers.map(() => randomBytes(KEY_BYTES))]);
    return new Map([...known, ...(await this.keptKeys(tx, strangers))]);
  }

  private async keptKeys(tx: EntityManager, subjects: readonly string[]): Promise<Map<string, SubjectKey>> {
    const rows = await tx.query<(SubjectKey & { subject: string })[]>(KEYS, [subjects]);
    return new Map(rows.map(({ subject, id, key }) => [subject, { id, key }]));
  }
}

const nonces = new RandomPool();

/** Nonce, tag and text; bound to its place in the log, so that it cannot be shown at another. */
function seal(key: Buffer, { index, path, salt, value }: PersonalField): Buffer {
  const nonce = nonces.take(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(placeOf(index, path));
  const text = Buffer.concat([cipher.update(JSON.stringify({ salt, value }), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

function unseal(key: Buffer, index: number, path: string, sealed: Buffer): Disclosure {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  const cipher = createDecipheriv(CIPHER, key, nonce).setAAD(placeOf(index, path)).setAuthTag(tag);
  const text = Buffer.concat([cipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), cipher.final()]);
  return { path, ...(JSON.parse(text.toString('utf8')) as Pick<Disclosure, 'salt' | 'value'>) }; // `seal` wrote it
}

const placeOf = (index: number, path: string): Buffer => Buffer.from(`${index}/${path}`);

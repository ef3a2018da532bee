import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Step } from '#libs/documents/step';

const KEY_BYTES = 32;

const MAKE = `
  INSERT INTO normalizer.redaction_keys (project, key) VALUES ($1, $2)
  ON CONFLICT DO NOTHING`;

const GET = `SELECT key FROM normalizer.redaction_keys WHERE project = $1`;

/**
 * The key under which a project's `redact` steps hash: made once and never changed, so that the same value gives the
 * same hash in every version and in every replay.
 */
@Injectable()
export class RedactionKeys {
  constructor(private readonly database: DataSource) {}

  /** The project's key; nothing when no step hashes. */
  async of(project: string, steps: readonly Step[]): Promise<Uint8Array | undefined> {
    if (!steps.some(({ redact }) => redact && Object.values(redact).includes('hash'))) return undefined;
    const found = await this.find(project);
    if (found) return found;
    await this.database.query(MAKE, [project, randomBytes(KEY_BYTES)]);
    return this.find(project);
  }

  private async find(project: string): Promise<Buffer | undefined> {
    const [row] = await this.database.query<{ key: Buffer }[]>(GET, [project]);
    return row?.key;
  }
}

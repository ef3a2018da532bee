import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { RotatedSecrets } from '#libs/contracts/auth-secrets';
import { Idempotency, Keep } from '#libs/idempotency/idempotency';
import { aadOfValue } from '../sealed/sealed-values';
import { aadOf } from './envelope';
import { MasterKeys } from './master-keys';

const PAGE = 100;

/** A row whose data key an older master key wraps. */
interface Stale {
  readonly place:
    { readonly project: string; readonly name: string; readonly version: number } | { readonly id: string };
  readonly wrappedKey: Buffer;
  readonly keyId: string;
}

/**
 * Where data keys lie. `stale` gives rows that `$1` does not wrap; `rewrap` changes the wrapping alone, in one statement,
 * so that a reader finds the old pair or the new one.
 */
const TABLES = [
  {
    stale: `
      SELECT jsonb_build_object('project', project, 'name', name, 'version', version) AS place,
             wrapped_key AS "wrappedKey", key_id AS "keyId"
        FROM auth.secrets WHERE key_id <> $1 ORDER BY project, name LIMIT $2`,
    rewrap: `
      UPDATE auth.secrets SET wrapped_key = $3, key_id = $4
       WHERE project = $1::jsonb->>'project' AND name = $1::jsonb->>'name'
         AND version = ($1::jsonb->>'version')::int AND key_id = $2
      RETURNING 1`,
  },
  {
    stale: `
      SELECT jsonb_build_object('id', id) AS place, wrapped_key AS "wrappedKey", key_id AS "keyId"
        FROM auth.sealed_values WHERE key_id <> $1 ORDER BY id LIMIT $2`,
    rewrap: `
      UPDATE auth.sealed_values SET wrapped_key = $3, key_id = $4
       WHERE id = $1::jsonb->>'id' AND key_id = $2
      RETURNING 1`,
  },
] as const;

/** Rule 28: wraps every data key by the current master key while reads go on; the values are not touched. */
@Injectable()
export class KeyRotation {
  constructor(
    private readonly database: DataSource,
    private readonly keys: MasterKeys,
    private readonly audit: AuditTrail,
    private readonly idempotency: Idempotency,
  ) {}

  rotate(): Promise<RotatedSecrets> {
    return this.idempotency.around(this.database, (keep) => this.rewrapEverything(keep));
  }

  private async rewrapEverything(keep: Keep<RotatedSecrets>): Promise<RotatedSecrets> {
    const keyId = await this.keys.currentId();
    let rewrapped = 0;
    let complete = true;
    for (const table of TABLES) {
      rewrapped += await this.rewrapAll(table, keyId);
      complete &&= (await this.database.query<Stale[]>(table.stale, [keyId, 1])).length === 0;
    }
    const rotated = { keyId, rewrapped, complete };
    await this.database.transaction(async (tx) => {
      await this.audit.record(tx, {
        action: 'secrets.rotate',
        target: `MasterKey/${keyId}`,
        outcome: 'succeeded',
        reason: `${rewrapped} data keys wrapped anew`,
      });
      await keep(tx, rotated);
    });
    return rotated;
  }

  private async rewrapAll(table: (typeof TABLES)[number], keyId: string): Promise<number> {
    for (let all = 0; ;) {
      let moved = 0;
      for (const stale of await this.database.query<Stale[]>(table.stale, [keyId, PAGE])) {
        moved += await this.rewrap(table, stale);
      }
      all += moved;
      if (moved === 0) return all; // none is left, others rotate beside us, or the current key changed on the way
    }
  }

  private async rewrap({ rewrap }: (typeof TABLES)[number], { place, wrappedKey, keyId }: Stale): Promise<number> {
    const aad = 'id' in place ? aadOfValue(place.id) : aadOf(place);
    const dataKey = await this.keys.unwrap({ keyId, bytes: wrappedKey }, aad);
    const fresh = await this.keys.wrap(dataKey, aad);
    dataKey.fill(0);
    const parameters = [JSON.stringify(place), keyId, fresh.bytes, fresh.keyId];
    const [rows] = await this.database.query<[unknown[], number]>(rewrap, parameters);
    return rows.length;
  }
}

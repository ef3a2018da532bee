import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { DataSource, EntityManager } from 'typeorm';
import { KEY_BYTES, open, seal } from '../secrets/envelope';
import { MasterKeys } from '../secrets/master-keys';
import { SealedValue } from './sealed-value.entity';

/** What binds a sealed value to its id. */
export const aadOfValue = (id: string): Buffer => Buffer.from(JSON.stringify(['chartly.sealed', id]));

/** Values of our own in envelopes like those of secrets; the rotation of the master key wraps them anew too. */
@Injectable()
export class SealedValues {
  constructor(
    private readonly database: DataSource,
    private readonly keys: MasterKeys,
  ) {}

  async put(tx: EntityManager, id: string, value: Buffer): Promise<void> {
    const aad = aadOfValue(id);
    const dataKey = randomBytes(KEY_BYTES);
    const sealed = seal(dataKey, value, aad);
    const { keyId, bytes } = await this.keys.wrap(dataKey, aad);
    dataKey.fill(0);
    await tx.save(SealedValue, { id, sealed, wrappedKey: bytes, keyId });
  }

  async get(id: string, tx: EntityManager = this.database.manager): Promise<Buffer | undefined> {
    const value = await tx.findOneBy(SealedValue, { id });
    if (!value) return undefined;
    const aad = aadOfValue(id);
    const dataKey = await this.keys.unwrap({ keyId: value.keyId, bytes: value.wrappedKey }, aad);
    const clear = open(dataKey, value.sealed, aad);
    dataKey.fill(0);
    return clear;
  }

  async delete(tx: EntityManager, id: string): Promise<void> {
    await tx.delete(SealedValue, { id });
  }
}

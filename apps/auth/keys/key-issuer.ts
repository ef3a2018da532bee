import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { CreatedKey, CreateKey, KeyId, RotateKey } from '#libs/contracts/auth.contract';
import { rulesOf } from '#libs/contracts/permissions';
import { Conflict, NotFound, Unprocessable } from '#libs/errors/errors';
import { Grants } from '../access/grants';
import { requireHeld } from '../access/held';
import { Accounts } from '../accounts/accounts';
import { Replies } from '../sealed/replies';
import { ApiKey } from './api-key.entity';
import { accountName, ApiKeys, KeyOwner } from './api-keys';

const OVERLAP_HOURS = 24;

/** Gives keys out and takes them back. Nobody gets a key that may do more than whoever makes it. */
@Injectable()
export class KeyIssuer {
  constructor(
    private readonly database: DataSource,
    private readonly keys: ApiKeys,
    private readonly accounts: Accounts,
    private readonly grants: Grants,
    private readonly replies: Replies,
    private readonly audit: AuditTrail,
  ) {}

  create(request: CreateKey): Promise<CreatedKey> {
    return this.replies.once(async (tx) => {
      const owner = await this.ownerOf(tx, request);
      await this.requireHeldBy(tx, owner);
      const key = await this.keys.create(tx, { ...request, owner });
      const held = key.account === undefined ? `${key.role} in ${key.project}` : `for ${key.account}`;
      await this.record(tx, 'keys.create', key, `${held}, until ${key.expiresAt}`);
      return key;
    });
  }

  rotate({ id, account, overlapHours = OVERLAP_HOURS }: RotateKey): Promise<CreatedKey> {
    return this.replies.once(async (tx) => {
      await tx.query('SELECT 1 FROM auth.api_keys WHERE id = $1 FOR UPDATE', [id]);
      const old = await this.known(tx, { id, account });
      if (!this.keys.isGood(old)) {
        throw new Conflict(
          'key.ended',
          `Key ${id} is revoked or expired and cannot be followed by another. Make a new one.`,
        );
      }
      await this.requireHeldBy(tx, ownerOf(old));
      const key = await this.keys.rotate(tx, old, overlapHours);
      await this.record(
        tx,
        'keys.rotate',
        { id, account: key.account },
        `followed by ${key.id}, overlapping ${overlapHours} h`,
      );
      return key;
    });
  }

  async revoke({ id, account }: KeyId): Promise<void> {
    await this.database.transaction(async (tx) => {
      const key = await this.known(tx, { id, account });
      const revoked = await this.keys.revoke(tx, id);
      if (revoked?.changed)
        await this.record(tx, 'keys.revoke', { id, account: key.account ? accountName(key.account) : undefined });
    });
  }

  private async known(tx: EntityManager, { id, account }: KeyId): Promise<ApiKey> {
    const key = await this.keys.find(id, tx);
    const fits = account === undefined || (key?.account && accountName(key.account) === account);
    if (!key || !fits) throw new NotFound('key.unknown', `There is no key ${id}.`);
    return key;
  }

  private async ownerOf(tx: EntityManager, { role, project, account }: CreateKey): Promise<KeyOwner> {
    if (account !== undefined) {
      if (role !== undefined || project !== undefined) throw wrongOwner();
      return { account: await this.accounts.find(account, tx) };
    }
    if (role === undefined || project === undefined) throw wrongOwner();
    return { role, project };
  }

  private async requireHeldBy(tx: EntityManager, owner: KeyOwner): Promise<void> {
    if ('account' in owner) await this.grants.requireHeldBy(owner.account.id, tx);
    else requireHeld(rulesOf(owner), owner.project);
  }

  /** A key of a service account is of its project. */
  private record(tx: EntityManager, action: string, { id, account }: KeyId, reason?: string): Promise<void> {
    return this.audit.record(tx, {
      action,
      target: `ApiKey/${id}`,
      ...(account === undefined ? {} : { project: account.split('/')[0] }),
      outcome: 'succeeded',
      ...(reason === undefined ? {} : { reason }),
    });
  }
}

function ownerOf({ role, project, account, id }: ApiKey): KeyOwner {
  if (account) return { account };
  if (role === null || project === null) throw new TypeError(`Key ${id} has neither a role nor an account.`);
  return { role, project };
}

const wrongOwner = (): Unprocessable =>
  new Unprocessable('key.owner', 'A key takes either "role" and "project", or the "account" that it acts for.');

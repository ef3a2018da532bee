import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { timingSafeEqual } from 'node:crypto';
import { EntityManager, In, Repository } from 'typeorm';
import { Clock, Ids } from '#libs/clock/clock';
import { ApiKeyView, CreatedKey, ListKeys } from '#libs/contracts/auth.contract';
import { Grant, Principal, RoleName, Scope } from '#libs/contracts/principal';
import { Grants } from '../access/grants';
import { ServiceAccount } from '../accounts/service-account.entity';
import { mintApiKey, readApiKey } from './api-key';
import { ApiKey } from './api-key.entity';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DEFAULT_EXPIRY_DAYS = 90;

const TOUCH = `
  UPDATE auth.api_keys
     SET last_used_at = greatest(last_used_at, $2)
   WHERE id = ANY($1)`;

/** What a key acts with: a role of its own, or a service account's. */
export type KeyOwner = { readonly role: RoleName; readonly project: string } | { readonly account: ServiceAccount };

interface NewKey {
  readonly name: string;
  readonly owner: KeyOwner;
  readonly scope?: Scope;
  readonly expiresInDays?: number;
}

/** The keys that machines and people authenticate with. */
@Injectable()
export class ApiKeys {
  private readonly used = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    @InjectRepository(ApiKey) private readonly keys: Repository<ApiKey>,
    private readonly grants: Grants,
  ) {}

  async create(tx: EntityManager, { name, owner, scope, expiresInDays }: NewKey): Promise<CreatedKey> {
    const lifeMs = (expiresInDays ?? DEFAULT_EXPIRY_DAYS) * DAY_MS;
    const held = 'account' in owner ? { role: null, project: null } : owner;
    return this.insert(
      tx,
      { name, ...held, account: 'account' in owner ? owner.account : null, scope: scope ?? null },
      lifeMs,
    );
  }

  /** A new key like `old`, with as long a life as it had; the old one ends after the overlap at the latest. */
  async rotate(tx: EntityManager, old: ApiKey, overlapHours: number): Promise<CreatedKey> {
    const created = await this.insert(tx, old, old.expiresAt.getTime() - old.createdAt.getTime());
    const overlapEnd = new Date(this.clock.now().getTime() + overlapHours * HOUR_MS);
    if (overlapEnd < old.expiresAt) await tx.update(ApiKey, { id: old.id }, { expiresAt: overlapEnd });
    return created;
  }

  /** Who the key's text stands for; undefined when it is malformed, unknown, revoked or expired. */
  async recognize(text: string): Promise<Principal | undefined> {
    const read = readApiKey(text);
    if (!read) return undefined;
    const key = await this.keys.findOne({ where: { id: read.id }, relations: { account: true } });
    if (!key || !timingSafeEqual(key.secretHash, read.secretHash) || !this.isGood(key)) return undefined;
    this.used.add(key.id);
    return this.principalOf(key);
  }

  /** A key that may still be used, with whom it acts for. */
  async find(id: string, tx?: EntityManager): Promise<ApiKey | undefined> {
    const keys = tx?.getRepository(ApiKey) ?? this.keys;
    return (await keys.findOne({ where: { id }, relations: { account: true } })) ?? undefined;
  }

  /** Every key that lets somebody in at this moment. */
  async good(tx?: EntityManager): Promise<ApiKey[]> {
    const keys = tx?.getRepository(ApiKey) ?? this.keys;
    return (await keys.find({ relations: { account: true } })).filter((key) => this.isGood(key));
  }

  async principalOf(key: ApiKey, tx?: EntityManager): Promise<Principal> {
    const name = key.account ? `${accountName(key.account)} (${key.name})` : key.name;
    const grants = key.accountId === null ? ownGrants(key) : await this.grants.of(key.accountId, tx);
    return { kind: 'key', id: key.id, name, grants, ...(key.scope ? { scope: key.scope } : {}) };
  }

  async list({ project, account }: ListKeys): Promise<ApiKeyView[]> {
    const keys = await this.keys.find({
      ...(project === undefined ? {} : { where: { project: In([project, '*']) } }),
      relations: { account: true },
      order: { createdAt: 'DESC', id: 'DESC' },
    });
    const all =
      account === undefined ? keys : keys.filter((key) => key.account && accountName(key.account) === account);
    return all.map(view);
  }

  /** The key as it was revoked; undefined when there is none. A key revoked before keeps its first time. */
  async revoke(tx: EntityManager, id: string): Promise<{ key: ApiKeyView; changed: boolean } | undefined> {
    const key = await tx.findOne(ApiKey, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!key) return undefined;
    const changed = key.revokedAt === null;
    key.revokedAt ??= this.clock.now();
    await tx.save(key);
    return { key: view(key), changed };
  }

  /** Writes down which keys were used since the last call; a use costs no write of its own. */
  async noteUses(): Promise<void> {
    if (this.used.size === 0) return;
    const ids = [...this.used];
    this.used.clear();
    await this.keys.query(TOUCH, [ids, this.clock.now()]);
  }

  isGood({ revokedAt, expiresAt }: ApiKey): boolean {
    return revokedAt === null && expiresAt > this.clock.now();
  }

  private async insert(
    tx: EntityManager,
    { name, role, project, account, scope }: Pick<ApiKey, 'name' | 'role' | 'project' | 'account' | 'scope'>,
    lifeMs: number,
  ): Promise<CreatedKey> {
    const id = this.ids.uuidv7();
    const { text, secretHash } = mintApiKey(id);
    const createdAt = this.clock.now();
    const expiresAt = new Date(createdAt.getTime() + lifeMs);
    const fields = { id, name, role, project, accountId: account?.id ?? null, scope, secretHash };
    const key = { ...fields, createdAt, expiresAt, revokedAt: null, lastUsedAt: null };
    await tx.insert(ApiKey, key);
    return { ...view({ ...key, account }), key: text };
  }
}

export const accountName = ({ project, name }: Pick<ServiceAccount, 'project' | 'name'>): string =>
  `${project}/${name}`;

const ownGrants = ({ role, project }: ApiKey): Grant[] =>
  role === null || project === null ? [] : [{ role, project, by: 'the key itself' }];

function view(key: ApiKey): ApiKeyView {
  return {
    id: key.id,
    name: key.name,
    ...(key.role === null ? {} : { role: key.role }),
    ...(key.project === null ? {} : { project: key.project }),
    ...(key.account ? { account: accountName(key.account) } : {}),
    ...(key.scope ? { scope: key.scope as ApiKeyView['scope'] } : {}), // as it was put
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt.toISOString(),
    ...(key.revokedAt ? { revokedAt: key.revokedAt.toISOString() } : {}),
    ...(key.lastUsedAt ? { lastUsedAt: key.lastUsedAt.toISOString() } : {}),
  };
}

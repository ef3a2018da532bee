import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { timingSafeEqual } from 'node:crypto';
import { EntityManager, In, Repository } from 'typeorm';
import { Clock, Ids } from '#libs/clock/clock';
import { ApiKeyView, CreatedKey, CreateKey } from '#libs/contracts/auth.contract';
import { Principal } from '#libs/contracts/principal';
import { mintApiKey, readApiKey } from './api-key';
import { ApiKey } from './api-key.entity';

const DAY_MS = 86_400_000;
const DEFAULT_EXPIRY_DAYS = 90;

const TOUCH = `
  UPDATE auth.api_keys
     SET last_used_at = greatest(last_used_at, $2)
   WHERE id = ANY($1)`;

/** The keys that machines and people authenticate with. */
@Injectable()
export class ApiKeys {
  private readonly used = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    @InjectRepository(ApiKey) private readonly keys: Repository<ApiKey>,
  ) {}

  async create(tx: EntityManager, { name, role, project, expiresInDays }: CreateKey): Promise<CreatedKey> {
    const id = this.ids.uuidv7();
    const { text, secretHash } = mintApiKey(id);
    const createdAt = this.clock.now();
    const expiresAt = new Date(createdAt.getTime() + (expiresInDays ?? DEFAULT_EXPIRY_DAYS) * DAY_MS);
    const key = { id, name, role, project, secretHash, createdAt, expiresAt, revokedAt: null, lastUsedAt: null };
    await tx.insert(ApiKey, key);
    return { ...view(key), key: text };
  }

  /** Who the key's text stands for; undefined when it is malformed, unknown, revoked or expired. */
  async recognize(text: string): Promise<Principal | undefined> {
    const read = readApiKey(text);
    if (!read) return undefined;
    const key = await this.keys.findOneBy({ id: read.id });
    if (!key || !timingSafeEqual(key.secretHash, read.secretHash)) return undefined;
    if (key.revokedAt || key.expiresAt <= this.clock.now()) return undefined;
    this.used.add(key.id);
    return { kind: 'key', id: key.id, name: key.name, grants: [{ role: key.role, project: key.project }] };
  }

  async list(project?: string): Promise<ApiKeyView[]> {
    const keys = await this.keys.find({
      ...(project === undefined ? {} : { where: { project: In([project, '*']) } }),
      order: { createdAt: 'DESC', id: 'DESC' },
    });
    return keys.map(view);
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
}

function view(key: ApiKey): ApiKeyView {
  return {
    id: key.id,
    name: key.name,
    role: key.role,
    project: key.project,
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt.toISOString(),
    ...(key.revokedAt ? { revokedAt: key.revokedAt.toISOString() } : {}),
    ...(key.lastUsedAt ? { lastUsedAt: key.lastUsedAt.toISOString() } : {}),
  };
}

import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomBytes } from 'node:crypto';
import { DataSource, EntityManager, Repository } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock } from '#libs/clock/clock';
import { PutSecret, SecretName, SecretValue, SecretView, UseSecret } from '#libs/contracts/auth-secrets';
import { NotFound, Unprocessable } from '#libs/errors/errors';
import { currentCall } from '#libs/transport/call-context';
import { aadOf, KEY_BYTES, open, seal } from './envelope';
import { MasterKeys } from './master-keys';
import { OutsideSecrets } from './outside-secrets';
import { Secret } from './secret.entity';

/** How long a service goes by a value; a changed or deleted one is out of use within it. */
const FRESH_MS = 60_000;

/** Versions count on over a deletion: an `aad` is never used for two values. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('auth.secrets/' || $1 || '/' || $2, 0))`;

const TOUCH = `
  UPDATE auth.secrets
     SET last_used_at = greatest(last_used_at, $3)
   WHERE project = $1 AND name = $2`;

/** The secrets of all projects. A value leaves only by {@link use}, to one of our services, and the log says so. */
@Injectable()
export class SecretStore {
  constructor(
    private readonly database: DataSource,
    @InjectRepository(Secret) private readonly secrets: Repository<Secret>,
    private readonly keys: MasterKeys,
    private readonly outside: OutsideSecrets,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async put(request: PutSecret): Promise<SecretView> {
    const { project, name, provider } = request;
    if ((provider === 'own') !== (request.value !== undefined)) {
      throw new Unprocessable(
        'secret.value',
        provider === 'own'
          ? 'A secret of the provider "own" takes its value.'
          : `A secret of the provider "${provider}" takes no value here: it is kept there.`,
      );
    }
    this.outside.check(provider, request);
    return this.database.transaction(async (tx) => {
      await tx.query(LOCK, [project, name]);
      const before = await tx.findOneBy(Secret, { project, name });
      const version = (before?.version ?? (await this.lastVersion(tx, request))) + 1;
      const now = this.clock.now();
      const secret: Secret = {
        project,
        name,
        provider,
        version,
        ...(await this.sealedOf({ project, name, version }, request.value)),
        createdAt: before?.createdAt ?? now,
        changedAt: now,
        changedBy: currentCall().principal.name,
        lastUsedAt: before?.lastUsedAt ?? null,
      };
      await tx.save(Secret, secret);
      await this.record(tx, 'secrets.put', request, `version ${version}, kept by ${provider}`);
      return view(secret);
    });
  }

  async list(project: string): Promise<SecretView[]> {
    return (await this.secrets.find({ where: { project }, order: { name: 'ASC' } })).map(view);
  }

  async delete(request: SecretName): Promise<void> {
    const { project, name } = request;
    await this.database.transaction(async (tx) => {
      await tx.query(LOCK, [project, name]);
      const secret = await tx.findOneBy(Secret, { project, name });
      if (!secret) throw unknown(request);
      await tx.query(
        `INSERT INTO auth.secret_versions (project, name, version) VALUES ($1, $2, $3)
         ON CONFLICT (project, name) DO UPDATE SET version = excluded.version`,
        [project, name, secret.version],
      );
      await tx.delete(Secret, { project, name });
      await this.record(tx, 'secrets.delete', request, `version ${secret.version}`);
    });
  }

  /** A use that is not written down is not given out. */
  async use(request: UseSecret): Promise<SecretValue> {
    const { project, name, purpose } = request;
    const secret = await this.secrets.findOneBy({ project, name });
    if (!secret) throw unknown(request);
    const value = await this.valueOf(secret);
    const now = this.clock.now();
    await this.database.transaction(async (tx) => {
      await tx.query(TOUCH, [project, name, now]);
      await this.record(tx, 'secrets.use', request, `version ${secret.version} for ${purpose}`);
    });
    return { value, version: secret.version, validUntil: new Date(now.getTime() + FRESH_MS).toISOString() };
  }

  private async sealedOf(
    secret: { project: string; name: string; version: number },
    value: string | undefined,
  ): Promise<Pick<Secret, 'sealed' | 'wrappedKey' | 'keyId'>> {
    if (value === undefined) return { sealed: null, wrappedKey: null, keyId: null };
    const aad = aadOf(secret);
    const dataKey = randomBytes(KEY_BYTES);
    const sealed = seal(dataKey, Buffer.from(value), aad);
    const { keyId, bytes } = await this.keys.wrap(dataKey, aad);
    dataKey.fill(0);
    return { sealed, wrappedKey: bytes, keyId };
  }

  private async valueOf(secret: Secret): Promise<string> {
    const { provider, sealed, wrappedKey, keyId } = secret;
    if (provider !== 'own') return this.outside.read(provider, secret);
    if (!sealed || !wrappedKey || keyId === null) throw new TypeError('A secret of our own lacks its envelope.');
    const aad = aadOf(secret);
    const dataKey = await this.keys.unwrap({ keyId, bytes: wrappedKey }, aad);
    const value = open(dataKey, sealed, aad).toString();
    dataKey.fill(0);
    return value;
  }

  private async lastVersion(tx: EntityManager, { project, name }: SecretName): Promise<number> {
    const [row] = await tx.query<{ version: number }[]>(
      'SELECT version FROM auth.secret_versions WHERE project = $1 AND name = $2',
      [project, name],
    );
    return row?.version ?? 0;
  }

  private record(tx: EntityManager, action: string, { project, name }: SecretName, reason: string): Promise<void> {
    return this.audit.record(tx, {
      action,
      target: `Secret/${project}/${name}`,
      project,
      outcome: 'succeeded',
      reason,
    });
  }
}

const unknown = ({ project, name }: SecretName): NotFound =>
  new NotFound('secret.unknown', `There is no secret "${name}" in project "${project}". Set it: chartly secret set.`);

const view = (secret: Secret): SecretView => ({
  project: secret.project,
  name: secret.name,
  provider: secret.provider,
  version: secret.version,
  createdAt: secret.createdAt.toISOString(),
  changedAt: secret.changedAt.toISOString(),
  changedBy: secret.changedBy,
  ...(secret.lastUsedAt ? { lastUsedAt: secret.lastUsedAt.toISOString() } : {}),
});

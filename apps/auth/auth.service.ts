import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock } from '#libs/clock/clock';
import {
  ApiKeys as ApiKeyList,
  AuthContract,
  Authenticated,
  BootstrapToken,
  CreatedKey,
  CreateKey,
  Credential,
  Denial,
  KeyId,
  ListKeys,
} from '#libs/contracts/auth.contract';
import {
  ListSecrets,
  PutSecret,
  RotatedSecrets,
  SecretList,
  SecretName,
  SecretValue,
  SecretView,
  UseSecret,
} from '#libs/contracts/auth-secrets';
import { NAME_PATTERN } from '#libs/contracts/fields';
import { Done } from '#libs/contracts/pipeline-ref';
import { Principal } from '#libs/contracts/principal';
import { NotFound, Unauthenticated, Unprocessable } from '#libs/errors/errors';
import { ApiKeys } from './keys/api-keys';
import { LocalAccess } from './local/local-access';
import { SetupLink } from './local/setup-link';
import { SecretStore } from './secrets/secret-store';

/** How long a caller may go by an answer; a revoked key stops working within it. */
const FRESH_MS = 5_000;

@Injectable()
export class AuthService implements AuthContract {
  constructor(
    private readonly database: DataSource,
    private readonly apiKeys: ApiKeys,
    private readonly setup: SetupLink,
    private readonly local: LocalAccess,
    private readonly secretStore: SecretStore,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async authenticate({ token }: Credential): Promise<Authenticated> {
    const principal = this.local.recognize(token) ?? (await this.apiKeys.recognize(token));
    if (!principal) {
      throw new Unauthenticated('auth.invalid', 'The key is unknown, revoked or expired. Ask an admin for another.');
    }
    return { principal, validUntil: new Date(this.clock.now().getTime() + FRESH_MS).toISOString() };
  }

  async bootstrap({ token, keyName }: BootstrapToken): Promise<CreatedKey> {
    const created = await this.database.transaction(async (tx) => {
      if (!(await this.setup.spend(tx, token))) return undefined;
      const key = await this.apiKeys.create(tx, { name: keyName, role: 'admin', project: '*' });
      await this.audit.record(tx, { action: 'setup.use', target: `ApiKey/${key.id}`, outcome: 'succeeded' });
      return key;
    });
    if (!created) {
      await this.recordRefusedSetup();
      throw new Unauthenticated('setup.invalid', 'The setup link is used up or too old. Each start makes a new one.');
    }
    await this.setup.forget();
    return created;
  }

  createKey(request: CreateKey): Promise<CreatedKey> {
    if (request.project !== '*' && !NAME_PATTERN.test(request.project)) {
      throw new Unprocessable('key.project', `"${request.project}" is no project: write its name, or "*" for all.`);
    }
    return this.database.transaction(async (tx) => {
      const key = await this.apiKeys.create(tx, request);
      await this.audit.record(tx, {
        action: 'keys.create',
        target: `ApiKey/${key.id}`,
        outcome: 'succeeded',
        reason: `${key.role} in ${key.project}, until ${key.expiresAt}`,
      });
      return key;
    });
  }

  async keys({ project }: ListKeys): Promise<ApiKeyList> {
    return { keys: await this.apiKeys.list(project) };
  }

  async revokeKey({ id }: KeyId): Promise<Done> {
    await this.database.transaction(async (tx) => {
      const revoked = await this.apiKeys.revoke(tx, id);
      if (!revoked) throw new NotFound('key.unknown', `There is no key ${id}.`);
      if (!revoked.changed) return;
      await this.audit.record(tx, { action: 'keys.revoke', target: `ApiKey/${id}`, outcome: 'succeeded' });
    });
    return {};
  }

  async recordDenial({ principal, permission, target, project }: Denial): Promise<Done> {
    await this.database.transaction((tx) =>
      this.audit.record(tx, {
        action: 'access.deny',
        target,
        project,
        outcome: 'denied',
        reason: `lacks ${permission}`,
        actor: actorOf(principal),
      }),
    );
    return {};
  }

  putSecret(request: PutSecret): Promise<SecretView> {
    return this.secretStore.put(request);
  }

  async secrets({ project }: ListSecrets): Promise<SecretList> {
    return { secrets: await this.secretStore.list(project) };
  }

  async deleteSecret(request: SecretName): Promise<Done> {
    await this.secretStore.delete(request);
    return {};
  }

  rotateSecrets(): Promise<RotatedSecrets> {
    return this.secretStore.rotate();
  }

  secret(request: UseSecret): Promise<SecretValue> {
    return this.secretStore.use(request);
  }

  private recordRefusedSetup(): Promise<void> {
    return this.database.transaction((tx) =>
      this.audit.record(tx, {
        action: 'setup.use',
        target: 'SetupToken',
        outcome: 'denied',
        reason: 'used up or too old',
      }),
    );
  }
}

const actorOf = ({ kind, id, name }: Principal): { kind: string; id: string; name: string } => ({ kind, id, name });

import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock } from '#libs/clock/clock';
import {
  AccountList,
  AccountRef,
  AccountView,
  ApiKeys as ApiKeyList,
  AuthContract,
  Authenticated,
  BootstrapToken,
  CreatedKey,
  CreateKey,
  Credential,
  Denial,
  KeyId,
  ListAccounts,
  ListKeys,
  PutAccount,
  RotateKey,
} from '#libs/contracts/auth.contract';
import {
  AbleList,
  BindingList,
  BindingView,
  InScope,
  PrincipalRef,
  PutBinding,
  PutRole,
  ResolvedPrincipal,
  RoleList,
  RoleRef,
  RoleView,
  Simulate,
  Simulated,
  WhoCan,
} from '#libs/contracts/auth-roles';
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
import { Done } from '#libs/contracts/pipeline-ref';
import { Principal } from '#libs/contracts/principal';
import { Unauthenticated } from '#libs/errors/errors';
import { AccessReview } from './access/access-review';
import { RoleBook } from './access/role-book';
import { Accounts } from './accounts/accounts';
import { ApiKeys } from './keys/api-keys';
import { KeyIssuer } from './keys/key-issuer';
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
    private readonly issuer: KeyIssuer,
    private readonly serviceAccounts: Accounts,
    private readonly roleBook: RoleBook,
    private readonly review: AccessReview,
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
      const key = await this.apiKeys.create(tx, { name: keyName, owner: { role: 'owner', project: '*' } });
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
    return this.issuer.create(request);
  }

  async keys(request: ListKeys): Promise<ApiKeyList> {
    if (request.account !== undefined) await this.serviceAccounts.find(request.account);
    return { keys: await this.apiKeys.list(request) };
  }

  rotateKey(request: RotateKey): Promise<CreatedKey> {
    return this.issuer.rotate(request);
  }

  async revokeKey(request: KeyId): Promise<Done> {
    await this.issuer.revoke(request);
    return {};
  }

  createAccount(request: PutAccount): Promise<AccountView> {
    return this.serviceAccounts.create(request);
  }

  async accounts({ project }: ListAccounts): Promise<AccountList> {
    return { accounts: await this.serviceAccounts.list(project) };
  }

  async deleteAccount(request: AccountRef): Promise<Done> {
    await this.serviceAccounts.delete(request);
    return {};
  }

  putRole(request: PutRole): Promise<RoleView> {
    return this.roleBook.putRole(request);
  }

  async roles({ scope }: InScope): Promise<RoleList> {
    return { roles: await this.roleBook.roles(scope) };
  }

  async deleteRole(request: RoleRef): Promise<Done> {
    await this.roleBook.deleteRole(request);
    return {};
  }

  putBinding(request: PutBinding): Promise<BindingView> {
    return this.roleBook.putBinding(request);
  }

  async bindings({ scope }: InScope): Promise<BindingList> {
    return { bindings: await this.roleBook.bindings(scope) };
  }

  async deleteBinding(request: RoleRef): Promise<Done> {
    await this.roleBook.deleteBinding(request);
    return {};
  }

  async resolve({ ref }: PrincipalRef): Promise<ResolvedPrincipal> {
    return { principal: await this.review.resolve(ref) };
  }

  async whoCan(request: WhoCan): Promise<AbleList> {
    return { able: await this.review.whoCan(request) };
  }

  simulate(request: Simulate): Promise<Simulated> {
    return this.review.simulate(request);
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

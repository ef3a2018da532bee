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
  AddPasskey,
  FinishOidc,
  LogoutUrl,
  OidcBegun,
  PasskeyAnswer,
  PasskeyCeremony,
  PasskeyList,
  PasskeyView,
  ProviderList,
  ProviderName,
  ProviderView,
  PutProvider,
  RemovePasskey,
} from '#libs/contracts/auth-logins';
import { ScimAnswer, ScimRequest } from '#libs/contracts/auth-scim';
import {
  ChangePassword,
  CreateUser,
  GroupList,
  GroupName,
  GroupView,
  KeySet,
  LoggedIn,
  Login,
  Proof,
  PutGroup,
  RecoveryCodes,
  Refresh,
  SessionList,
  SessionOwner,
  SessionRef,
  TotpCode,
  TotpEnrolment,
  UpdateUser,
  UserList,
  UserName,
  UserView,
} from '#libs/contracts/auth-users';
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
import { Grants } from './access/grants';
import { RoleBook } from './access/role-book';
import { Accounts } from './accounts/accounts';
import { ApiKeys } from './keys/api-keys';
import { KeyIssuer } from './keys/key-issuer';
import { LocalAccess } from './local/local-access';
import { SetupLink } from './local/setup-link';
import { KeyRotation } from './secrets/key-rotation';
import { Directory } from './scim/directory';
import { Replies } from './sealed/replies';
import { SecretStore } from './secrets/secret-store';
import { Refusals } from './refusals';
import { LoginThrottle } from './sessions/login-throttle';
import { Logins } from './sessions/logins';
import { Sessions } from './sessions/sessions';
import { SigningKeys } from './sessions/signing-keys';
import { OidcLogins } from './oidc/oidc-logins';
import { Providers } from './oidc/providers';
import { Passkeys } from './passkeys/passkeys';
import { Groups } from './users/groups';
import { Proofs } from './users/proofs';
import { SecondFactors } from './users/second-factors';
import { Users } from './users/users';

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
    private readonly rotation: KeyRotation,
    private readonly people: Users,
    private readonly userGroups: Groups,
    private readonly logins: Logins,
    private readonly openSessions: Sessions,
    private readonly signing: SigningKeys,
    private readonly factors: SecondFactors,
    private readonly passkeyBook: Passkeys,
    private readonly identityProviders: Providers,
    private readonly oidc: OidcLogins,
    private readonly grants: Grants,
    private readonly directory: Directory,
    private readonly throttle: LoginThrottle,
    private readonly refusals: Refusals,
    private readonly proofs: Proofs,
    private readonly replies: Replies,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async authenticate({ token }: Credential): Promise<Authenticated> {
    const principal =
      this.local.recognize(token) ?? (await this.apiKeys.recognize(token)) ?? (await this.recognizeUser(token));
    if (!principal) {
      throw new Unauthenticated(
        'auth.invalid',
        'The credential is unknown, revoked or expired. Log in again, or ask an admin for another key.',
      );
    }
    return { principal, validUntil: new Date(this.clock.now().getTime() + FRESH_MS).toISOString() };
  }

  bootstrap(request: BootstrapToken): Promise<CreatedKey> {
    return this.throttle.during({ kind: 'setup', name: '' }, () => this.setUp(request));
  }

  private async setUp({ token, keyName }: BootstrapToken): Promise<CreatedKey> {
    const created = await this.database.transaction(async (tx) => {
      if (!(await this.setup.spend(tx, token))) return undefined;
      const key = await this.apiKeys.create(tx, { name: keyName, owner: { role: 'owner', project: '*' } });
      await this.audit.record(tx, { action: 'setup.use', target: `ApiKey/${key.id}`, outcome: 'succeeded' });
      return key;
    });
    if (!created) {
      await this.refusals.record({ action: 'setup.use', target: 'SetupToken', reason: 'used up or too old' });
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

  createUser(request: CreateUser): Promise<UserView> {
    return this.people.create(request);
  }

  async users(): Promise<UserList> {
    return { users: await this.people.list() };
  }

  updateUser(request: UpdateUser): Promise<UserView> {
    return this.replies.first(() => this.people.update(request));
  }

  async deleteUser(request: UserName): Promise<Done> {
    await this.people.delete(request);
    return {};
  }

  putGroup(request: PutGroup): Promise<GroupView> {
    return this.userGroups.put(request);
  }

  async groups(): Promise<GroupList> {
    return { groups: await this.userGroups.list() };
  }

  async deleteGroup({ name }: GroupName): Promise<Done> {
    await this.userGroups.delete(name);
    return {};
  }

  login(request: Login): Promise<LoggedIn> {
    return this.logins.byPassword(request);
  }

  refresh({ refreshToken }: Refresh): Promise<LoggedIn> {
    return this.openSessions.refresh(refreshToken);
  }

  async logout({ refreshToken }: Refresh): Promise<Done> {
    await this.openSessions.end(refreshToken);
    return {};
  }

  async keySet(): Promise<KeySet> {
    return { keys: await this.signing.keySet() };
  }

  async sessions({ userId }: SessionOwner): Promise<SessionList> {
    return { sessions: await this.openSessions.list(userId) };
  }

  async endSession(request: SessionRef): Promise<Done> {
    await this.openSessions.revoke(request);
    return {};
  }

  async changePassword(request: ChangePassword): Promise<Done> {
    await this.people.changePassword(request);
    return {};
  }

  enrolTotp(proof: Proof): Promise<TotpEnrolment> {
    return this.replies.around(async (change) => {
      await this.proofs.require(proof);
      return this.factors.enrol(await this.people.byId(proof.userId), change);
    });
  }

  confirmTotp(request: TotpCode): Promise<RecoveryCodes> {
    return this.factors.confirm(request);
  }

  removeTotp(request: TotpCode): Promise<Done> {
    return this.factors.remove(request);
  }

  async passkeys({ userId }: SessionOwner): Promise<PasskeyList> {
    return { passkeys: await this.passkeyBook.list(userId) };
  }

  async beginPasskey({ userId, ...proof }: Proof): Promise<PasskeyCeremony> {
    await this.proofs.require({ userId, ...proof });
    return this.passkeyBook.beginAdding(await this.people.byId(userId));
  }

  addPasskey(request: AddPasskey): Promise<PasskeyView> {
    return this.passkeyBook.add(request);
  }

  removePasskey({ passkeyId, ...proof }: RemovePasskey): Promise<Done> {
    return this.replies.around(async (change) => {
      await this.proofs.require(proof);
      return this.passkeyBook.remove({ userId: proof.userId, passkeyId }, change);
    });
  }

  beginPasskeyLogin(): Promise<PasskeyCeremony> {
    return this.passkeyBook.beginLogin();
  }

  loginByPasskey(request: PasskeyAnswer): Promise<LoggedIn> {
    return this.passkeyBook.login(request);
  }

  putProvider(request: PutProvider): Promise<ProviderView> {
    return this.identityProviders.put(request);
  }

  async providers(): Promise<ProviderList> {
    return { providers: await this.identityProviders.list() };
  }

  async deleteProvider({ name }: ProviderName): Promise<Done> {
    await this.identityProviders.delete(name);
    return {};
  }

  beginOidc({ name }: ProviderName): Promise<OidcBegun> {
    return this.oidc.begin(name);
  }

  finishOidc(request: FinishOidc): Promise<LoggedIn> {
    return this.oidc.finish(request);
  }

  providerLogout({ name }: ProviderName): Promise<LogoutUrl> {
    return this.oidc.logout(name);
  }

  scim(request: ScimRequest): Promise<ScimAnswer> {
    return this.directory.answer(request);
  }

  async recordDenial({ principal, permission, reason, ...denied }: Denial): Promise<Done> {
    const because = reason ?? `lacks ${permission ?? 'what it takes'}`;
    const entry = { action: 'access.deny', ...denied, reason: because, actor: actorOf(principal) };
    if (principal.kind === 'anonymous') await this.refusals.record(entry);
    else await this.database.transaction((tx) => this.audit.record(tx, { ...entry, outcome: 'denied' }));
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
    return this.rotation.rotate();
  }

  secret(request: UseSecret): Promise<SecretValue> {
    return this.secretStore.use(request);
  }

  private async recognizeUser(token: string): Promise<Principal | undefined> {
    if (token.split('.').length !== 3) return undefined;
    const known = await this.openSessions.userOf(token);
    if (!known) return undefined;
    const { id, name } = known.user;
    return { kind: 'user', id, name, grants: await this.grants.of(id), sessionId: known.sessionId };
  }
}

const actorOf = ({ kind, id, name }: Principal): { kind: string; id: string; name: string } => ({ kind, id, name });

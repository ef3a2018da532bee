import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import {
  ListSecrets,
  PutSecret,
  RotatedSecrets,
  RotateSecrets,
  SecretList,
  SecretName,
  SecretValue,
  SecretView,
  UseSecret,
} from './auth-secrets';
import {
  AddPasskey,
  BeginPasskeyLogin,
  FinishOidc,
  ListProviders,
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
} from './auth-logins';
import {
  AbleList,
  ArePermissions,
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
} from './auth-roles';
import { ScimAnswer, ScimRequest } from './auth-scim';
import {
  ChangePassword,
  CreateUser,
  GetKeySet,
  GroupList,
  GroupName,
  GroupView,
  KeySet,
  ListGroups,
  ListUsers,
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
} from './auth-users';
import { Contract } from './contract';
import { IsId, IsName, IsScope, IsShortText } from './fields';
import { Done } from './pipeline-ref';
import { BUILT_IN_ROLES, Principal, RoleName, Scope } from './principal';

/** A bearer credential as it came: an API key, an access token or the local command line's token. */
export class Credential {
  @IsShortText(2_000) token: string;
}

export class Authenticated {
  @IsObject() principal: Principal;
  /** When the caller should ask again, RFC 3339 UTC. */
  @IsString() validUntil: string;
}

export class BootstrapToken extends Credential {
  @IsShortText(100) keyName: string;
}

/** How much of what its owner holds a key may use. */
export class KeyScope implements Scope {
  @IsOptional() @IsArray() @ArrayMinSize(1) @ArrayMaxSize(100) @ArePermissions() permissions?: string[];
  @IsOptional() @IsArray() @ArrayMinSize(1) @ArrayMaxSize(100) @IsName({ each: true }) projects?: string[];
}

/** A key that holds a role itself (`role` and `project`), or acts for a service account (`account`). */
export class CreateKey {
  @IsShortText(100) name: string;
  @IsOptional() @IsIn(BUILT_IN_ROLES) role?: RoleName;
  /** One project, or `*` for all. */
  @IsOptional() @IsScope() project?: string;
  /** The service account that the key acts for, as `project/name`. */
  @IsOptional() @IsShortText(130) account?: string;
  @IsOptional() @ValidateNested() @Type(() => KeyScope) scope?: KeyScope;
  /** 1 to 365 (rule 17); 90 when left out. */
  @IsOptional() @IsInt() @Min(1) @Max(365) expiresInDays?: number;
}

export class ApiKeyView {
  @IsId() id: string;
  @IsShortText(100) name: string;
  /** What the key holds itself. */
  @IsOptional() @IsIn(BUILT_IN_ROLES) role?: RoleName;
  @IsOptional() @IsString() project?: string;
  /** The service account that it acts for, as `project/name`. */
  @IsOptional() @IsString() account?: string;
  @IsOptional() @ValidateNested() @Type(() => KeyScope) scope?: KeyScope;
  @IsString() createdAt: string;
  @IsString() expiresAt: string;
  @IsOptional() @IsString() revokedAt?: string;
  @IsOptional() @IsString() lastUsedAt?: string;
}

/** The only time that a key's secret is ever shown. */
export class CreatedKey extends ApiKeyView {
  @IsString() key: string;
}

export class ListKeys {
  @IsOptional() @IsName() project?: string;
  /** Only keys of this service account. */
  @IsOptional() @IsShortText(130) account?: string;
}

export class ApiKeys {
  @IsArray() @ValidateNested({ each: true }) @Type(() => ApiKeyView) keys: ApiKeyView[];
}

export class KeyId {
  @IsId() id: string;
  /** Only if the key acts for this service account. */
  @IsOptional() @IsShortText(130) account?: string;
}

export const OVERLAP_MAX_HOURS = 168;

export class RotateKey extends KeyId {
  /** How long the old key goes on beside the new one; 24 when left out. Unit: hours. */
  @IsOptional() @IsInt() @Min(0) @Max(OVERLAP_MAX_HOURS) overlapHours?: number;
}

export class AccountRef {
  @IsName() project: string;
  @IsName() name: string;
}

export class PutAccount extends AccountRef {
  @IsOptional() @IsShortText(500) description?: string;
}

/** A machine's identity: roles are bound to it, and it acts by its keys. */
export class AccountView extends PutAccount {
  @IsString() createdAt: string;
}

export class ListAccounts {
  @IsName() project: string;
}

export class AccountList {
  @IsArray() @ValidateNested({ each: true }) @Type(() => AccountView) accounts: AccountView[];
}

/** A request that a caller was not allowed to make; it leaves an audit entry. */
export class Denial {
  /** Of the entry: told twice, it is one. */
  @IsOptional() @IsId() id?: string;
  /** When it was refused, where that is not now. RFC 3339. */
  @IsOptional() @IsISO8601({ strict: true }) time?: string;
  @IsObject() principal: Principal;
  /** What is lacking, where it is a permission. */
  @IsOptional() @IsShortText(100) permission?: string;
  /** Why, where it is something else. */
  @IsOptional() @IsShortText(500) reason?: string;
  @IsShortText(500) target: string;
  @IsOptional() @IsName() project?: string;
  @IsOptional() @IsShortText(200) requestId?: string;
  /** Where the request came from. */
  @IsOptional() @IsObject() client?: { readonly address: string; readonly agent?: string };
}

/** Who somebody is and what they may do. Calls nobody. */
@Contract('auth', {
  authenticate: { takes: Credential, gives: Authenticated, idempotent: true, timeoutMs: 3_000 },
  bootstrap: { takes: BootstrapToken, gives: CreatedKey, idempotent: false, timeoutMs: 5_000 },
  createKey: { takes: CreateKey, gives: CreatedKey, idempotent: false, timeoutMs: 5_000 },
  keys: { takes: ListKeys, gives: ApiKeys, idempotent: true, timeoutMs: 5_000 },
  revokeKey: { takes: KeyId, gives: Done, idempotent: true, timeoutMs: 5_000 },
  rotateKey: { takes: RotateKey, gives: CreatedKey, idempotent: false, timeoutMs: 5_000 },
  createAccount: { takes: PutAccount, gives: AccountView, idempotent: false, timeoutMs: 5_000 },
  accounts: { takes: ListAccounts, gives: AccountList, idempotent: true, timeoutMs: 5_000 },
  deleteAccount: { takes: AccountRef, gives: Done, idempotent: false, timeoutMs: 5_000 },
  putRole: { takes: PutRole, gives: RoleView, idempotent: true, timeoutMs: 5_000 },
  roles: { takes: InScope, gives: RoleList, idempotent: true, timeoutMs: 5_000 },
  deleteRole: { takes: RoleRef, gives: Done, idempotent: false, timeoutMs: 5_000 },
  putBinding: { takes: PutBinding, gives: BindingView, idempotent: true, timeoutMs: 5_000 },
  bindings: { takes: InScope, gives: BindingList, idempotent: true, timeoutMs: 5_000 },
  deleteBinding: { takes: RoleRef, gives: Done, idempotent: false, timeoutMs: 5_000 },
  resolve: { takes: PrincipalRef, gives: ResolvedPrincipal, idempotent: true, timeoutMs: 5_000 },
  whoCan: { takes: WhoCan, gives: AbleList, idempotent: true, timeoutMs: 10_000 },
  simulate: { takes: Simulate, gives: Simulated, idempotent: true, timeoutMs: 20_000 },
  createUser: { takes: CreateUser, gives: UserView, idempotent: false, timeoutMs: 10_000 },
  users: { takes: ListUsers, gives: UserList, idempotent: true, timeoutMs: 10_000 },
  updateUser: { takes: UpdateUser, gives: UserView, idempotent: true, timeoutMs: 10_000 },
  deleteUser: { takes: UserName, gives: Done, idempotent: false, timeoutMs: 5_000 },
  putGroup: { takes: PutGroup, gives: GroupView, idempotent: true, timeoutMs: 10_000 },
  groups: { takes: ListGroups, gives: GroupList, idempotent: true, timeoutMs: 10_000 },
  deleteGroup: { takes: GroupName, gives: Done, idempotent: false, timeoutMs: 5_000 },
  login: { takes: Login, gives: LoggedIn, idempotent: false, timeoutMs: 15_000 },
  refresh: { takes: Refresh, gives: LoggedIn, idempotent: true, timeoutMs: 5_000 },
  logout: { takes: Refresh, gives: Done, idempotent: true, timeoutMs: 5_000 },
  keySet: { takes: GetKeySet, gives: KeySet, idempotent: true, timeoutMs: 5_000 },
  sessions: { takes: SessionOwner, gives: SessionList, idempotent: true, timeoutMs: 5_000 },
  endSession: { takes: SessionRef, gives: Done, idempotent: true, timeoutMs: 5_000 },
  changePassword: { takes: ChangePassword, gives: Done, idempotent: false, timeoutMs: 15_000 },
  enrolTotp: { takes: Proof, gives: TotpEnrolment, idempotent: false, timeoutMs: 5_000 },
  confirmTotp: { takes: TotpCode, gives: RecoveryCodes, idempotent: false, timeoutMs: 5_000 },
  removeTotp: { takes: TotpCode, gives: Done, idempotent: false, timeoutMs: 5_000 },
  passkeys: { takes: SessionOwner, gives: PasskeyList, idempotent: true, timeoutMs: 5_000 },
  beginPasskey: { takes: Proof, gives: PasskeyCeremony, idempotent: false, timeoutMs: 5_000 },
  addPasskey: { takes: AddPasskey, gives: PasskeyView, idempotent: false, timeoutMs: 5_000 },
  removePasskey: { takes: RemovePasskey, gives: Done, idempotent: false, timeoutMs: 5_000 },
  beginPasskeyLogin: { takes: BeginPasskeyLogin, gives: PasskeyCeremony, idempotent: false, timeoutMs: 5_000 },
  loginByPasskey: { takes: PasskeyAnswer, gives: LoggedIn, idempotent: false, timeoutMs: 5_000 },
  putProvider: { takes: PutProvider, gives: ProviderView, idempotent: true, timeoutMs: 5_000 },
  providers: { takes: ListProviders, gives: ProviderList, idempotent: true, timeoutMs: 5_000 },
  deleteProvider: { takes: ProviderName, gives: Done, idempotent: false, timeoutMs: 5_000 },
  beginOidc: { takes: ProviderName, gives: OidcBegun, idempotent: false, timeoutMs: 15_000 },
  finishOidc: { takes: FinishOidc, gives: LoggedIn, idempotent: false, timeoutMs: 30_000 },
  providerLogout: { takes: ProviderName, gives: LogoutUrl, idempotent: true, timeoutMs: 15_000 },
  scim: { takes: ScimRequest, gives: ScimAnswer, idempotent: false, timeoutMs: 15_000 },
  recordDenial: { takes: Denial, gives: Done, idempotent: true, timeoutMs: 5_000 },
  putSecret: { takes: PutSecret, gives: SecretView, idempotent: false, timeoutMs: 15_000 },
  secrets: { takes: ListSecrets, gives: SecretList, idempotent: true, timeoutMs: 5_000 },
  deleteSecret: { takes: SecretName, gives: Done, idempotent: false, timeoutMs: 5_000 },
  rotateSecrets: { takes: RotateSecrets, gives: RotatedSecrets, idempotent: true, timeoutMs: 60_000 },
  secret: {
    takes: UseSecret,
    gives: SecretValue,
    idempotent: true,
    timeoutMs: 15_000,
    callers: ['connector-hub', 'normalizer', 'observer'],
  },
})
export abstract class AuthContract {
  /** Throws Unauthenticated `auth.invalid` for an unknown, revoked or expired credential, all with the same sentence. */
  abstract authenticate(credential: Credential): Promise<Authenticated>;
  /** Exchanges the one-time setup token for an admin key; the token dies with it (rule 22). */
  abstract bootstrap(request: BootstrapToken): Promise<CreatedKey>;
  abstract createKey(request: CreateKey): Promise<CreatedKey>;
  abstract keys(request: ListKeys): Promise<ApiKeys>;
  abstract revokeKey(request: KeyId): Promise<Done>;
  /** A new key in the old one's place, which ends when the overlap does. */
  abstract rotateKey(request: RotateKey): Promise<CreatedKey>;
  /** Throws Conflict `account.exists`. */
  abstract createAccount(request: PutAccount): Promise<AccountView>;
  abstract accounts(request: ListAccounts): Promise<AccountList>;
  /** Its keys stop within 5 s. */
  abstract deleteAccount(request: AccountRef): Promise<Done>;
  /**
   * Makes or changes a role; in force within 5 s. Throws Forbidden `role.escalation` when the caller does not hold all that
   * it gives, Conflict `role.built_in` for the name of a built-in one.
   */
  abstract putRole(request: PutRole): Promise<RoleView>;
  abstract roles(request: InScope): Promise<RoleList>;
  /** Throws Conflict `role.in_use` while a binding names it. */
  abstract deleteRole(request: RoleRef): Promise<Done>;
  /** Binds a role to subjects; in force within 5 s. Throws Forbidden `role.escalation` as {@link putRole} does. */
  abstract putBinding(request: PutBinding): Promise<BindingView>;
  abstract bindings(request: InScope): Promise<BindingList>;
  abstract deleteBinding(request: RoleRef): Promise<Done>;
  /** Somebody with what they hold, for explanations. Throws NotFound `principal.unknown`. */
  abstract resolve(request: PrincipalRef): Promise<ResolvedPrincipal>;
  /** Everybody who may do something, and by what. */
  abstract whoCan(request: WhoCan): Promise<AbleList>;
  /** What of past uses a change of roles or bindings would deny that is allowed now. Changes nothing. */
  abstract simulate(request: Simulate): Promise<Simulated>;
  /** Throws Conflict `user.exists`, Unprocessable `password.common`. */
  abstract createUser(request: CreateUser): Promise<UserView>;
  abstract users(request: ListUsers): Promise<UserList>;
  abstract updateUser(request: UpdateUser): Promise<UserView>;
  abstract deleteUser(request: UserName): Promise<Done>;
  /** Throws Forbidden `role.escalation` when the caller does not hold what is bound to the group. */
  abstract putGroup(request: PutGroup): Promise<GroupView>;
  abstract groups(request: ListGroups): Promise<GroupList>;
  abstract deleteGroup(request: GroupName): Promise<Done>;
  /**
   * Throws Unauthenticated `login.wrong` with one sentence for all that may be wrong, `login.second_factor` when only the
   * code is lacking; TooManyRequests `login.throttled`, `login.busy`.
   */
  abstract login(request: Login): Promise<LoggedIn>;
  /** Rule 16: a token is good once; within 10 s it gives the same successor, later it ends the session. Throws Unauthenticated `session.ended`. */
  abstract refresh(request: Refresh): Promise<LoggedIn>;
  abstract logout(request: Refresh): Promise<Done>;
  abstract keySet(request: GetKeySet): Promise<KeySet>;
  abstract sessions(request: SessionOwner): Promise<SessionList>;
  abstract endSession(request: SessionRef): Promise<Done>;
  /** Ends all sessions. Throws Forbidden `password.wrong`. */
  abstract changePassword(request: ChangePassword): Promise<Done>;
  abstract enrolTotp(request: Proof): Promise<TotpEnrolment>;
  abstract confirmTotp(request: TotpCode): Promise<RecoveryCodes>;
  abstract removeTotp(request: TotpCode): Promise<Done>;
  abstract passkeys(request: SessionOwner): Promise<PasskeyList>;
  abstract beginPasskey(request: Proof): Promise<PasskeyCeremony>;
  /** Throws Unprocessable `passkey.refused`. */
  abstract addPasskey(request: AddPasskey): Promise<PasskeyView>;
  /** Takes proof that it is the owner who asks. Throws Forbidden `proof.needed`, `proof.wrong`; NotFound `passkey.unknown`. */
  abstract removePasskey(request: RemovePasskey): Promise<Done>;
  abstract beginPasskeyLogin(request: BeginPasskeyLogin): Promise<PasskeyCeremony>;
  /** Throws Unauthenticated `login.wrong`. */
  abstract loginByPasskey(request: PasskeyAnswer): Promise<LoggedIn>;
  /** Throws Forbidden `role.escalation` for a mapping to a group that holds more than the caller. */
  abstract putProvider(request: PutProvider): Promise<ProviderView>;
  abstract providers(request: ListProviders): Promise<ProviderList>;
  abstract deleteProvider(request: ProviderName): Promise<Done>;
  /** Throws Unavailable `login.provider_away`. */
  abstract beginOidc(request: ProviderName): Promise<OidcBegun>;
  /** Throws Unauthenticated `login.provider`. */
  abstract finishOidc(request: FinishOidc): Promise<LoggedIn>;
  abstract providerLogout(request: ProviderName): Promise<LogoutUrl>;
  /** SCIM 2.0 as it came; refusals of the protocol are answers, not throws. */
  abstract scim(request: ScimRequest): Promise<ScimAnswer>;
  /** Leaves an audit entry of a refusal; one entry of an `id`, however often it is told. */
  abstract recordDenial(denial: Denial): Promise<Done>;
  /** Sets a secret or gives it another value. Throws Unprocessable `secret.value` where value and provider do not fit. */
  abstract putSecret(request: PutSecret): Promise<SecretView>;
  abstract secrets(request: ListSecrets): Promise<SecretList>;
  /** Out of use within a minute. Throws NotFound `secret.unknown`. */
  abstract deleteSecret(request: SecretName): Promise<Done>;
  /** Wraps every data key by the current master key; reads go on. Safe to repeat. */
  abstract rotateSecrets(request: RotateSecrets): Promise<RotatedSecrets>;
  /**
   * The value of a secret, for a service at the moment that it needs it; each call leaves an audit entry. No public route
   * leads here: services ask by `Secrets` of `libs/secrets`. Throws NotFound `secret.unknown`, `secret.no_value`.
   */
  abstract secret(request: UseSecret): Promise<SecretValue>;
}

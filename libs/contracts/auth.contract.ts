import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsObject, IsOptional, IsString, Max, Min, ValidateNested } from 'class-validator';
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
import { Contract } from './contract';
import { IsId, IsName, IsShortText } from './fields';
import { Done } from './pipeline-ref';
import { BUILT_IN_ROLES, Principal, RoleName } from './principal';

/** A bearer credential as it came: an API key or the local command line's token. */
export class Credential {
  @IsShortText(500) token: string;
}

export class Authenticated {
  @IsObject() principal: Principal;
  /** When the caller should ask again, RFC 3339 UTC. */
  @IsString() validUntil: string;
}

export class BootstrapToken extends Credential {
  @IsShortText(100) keyName: string;
}

export class CreateKey {
  @IsShortText(100) name: string;
  @IsIn(BUILT_IN_ROLES) role: RoleName;
  /** One project, or `*` for all. */
  @IsString() project: string;
  /** 1 to 365 (rule 17); 90 when left out. */
  @IsOptional() @IsInt() @Min(1) @Max(365) expiresInDays?: number;
}

export class ApiKeyView {
  @IsId() id: string;
  @IsShortText(100) name: string;
  @IsIn(BUILT_IN_ROLES) role: RoleName;
  @IsString() project: string;
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
}

export class ApiKeys {
  @IsArray() @ValidateNested({ each: true }) @Type(() => ApiKeyView) keys: ApiKeyView[];
}

export class KeyId {
  @IsId() id: string;
}

/** A request that a caller was not allowed to make; it leaves an audit entry. */
export class Denial {
  @IsObject() principal: Principal;
  @IsShortText(100) permission: string;
  @IsShortText(500) target: string;
  @IsOptional() @IsName() project?: string;
  @IsOptional() @IsShortText(200) requestId?: string;
}

/** Who somebody is and what they may do. Calls nobody. */
@Contract('auth', {
  authenticate: { takes: Credential, gives: Authenticated, idempotent: true, timeoutMs: 3_000 },
  bootstrap: { takes: BootstrapToken, gives: CreatedKey, idempotent: false, timeoutMs: 5_000 },
  createKey: { takes: CreateKey, gives: CreatedKey, idempotent: false, timeoutMs: 5_000 },
  keys: { takes: ListKeys, gives: ApiKeys, idempotent: true, timeoutMs: 5_000 },
  revokeKey: { takes: KeyId, gives: Done, idempotent: true, timeoutMs: 5_000 },
  recordDenial: { takes: Denial, gives: Done, idempotent: false, timeoutMs: 5_000 },
  putSecret: { takes: PutSecret, gives: SecretView, idempotent: false, timeoutMs: 15_000 },
  secrets: { takes: ListSecrets, gives: SecretList, idempotent: true, timeoutMs: 5_000 },
  deleteSecret: { takes: SecretName, gives: Done, idempotent: false, timeoutMs: 5_000 },
  rotateSecrets: { takes: RotateSecrets, gives: RotatedSecrets, idempotent: true, timeoutMs: 60_000 },
  secret: { takes: UseSecret, gives: SecretValue, idempotent: true, timeoutMs: 15_000 },
})
export abstract class AuthContract {
  /** Throws Unauthenticated `auth.invalid` for an unknown, revoked or expired credential, all with the same sentence. */
  abstract authenticate(credential: Credential): Promise<Authenticated>;
  /** Exchanges the one-time setup token for an admin key; the token dies with it (rule 22). */
  abstract bootstrap(request: BootstrapToken): Promise<CreatedKey>;
  abstract createKey(request: CreateKey): Promise<CreatedKey>;
  abstract keys(request: ListKeys): Promise<ApiKeys>;
  abstract revokeKey(request: KeyId): Promise<Done>;
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

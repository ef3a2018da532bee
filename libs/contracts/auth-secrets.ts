import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsOptional, IsString, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { IsCount, IsName, IsShortText, IsVersion } from './fields';

/** Unit: characters. */
export const SECRET_MAX_CHARS = 65_536;

/**
 * Where a secret's value is kept. `own`: sealed in our database. The others hold it themselves and are asked at each
 * use, at a place that follows from project and name, so that no project can name another's:
 * `env`: the variable `CHARTLY_SECRET_<PROJECT>__<NAME>` of auth; `file`: `<CHARTLY_SECRETS_DIR>/<project>/<name>`;
 * `vault`: the field `value` of `<CHARTLY_VAULT_MOUNT>/chartly/<project>/<name>` (KV version 2).
 */
export const SECRET_PROVIDERS = ['own', 'env', 'file', 'vault'] as const;
export type SecretProvider = (typeof SECRET_PROVIDERS)[number];

export class SecretName {
  @IsName() project: string;
  @IsName() name: string;
}

export class PutSecret extends SecretName {
  @IsIn(SECRET_PROVIDERS) provider: SecretProvider;
  /** For the provider `own`, and for it alone. */
  @IsOptional() @IsString() @MinLength(1) @MaxLength(SECRET_MAX_CHARS) value?: string;
}

/** What may be known of a secret: everything but its value. */
export class SecretView extends SecretName {
  @IsIn(SECRET_PROVIDERS) provider: SecretProvider;
  /** Counts the values that it had. */
  @IsVersion() version: number;
  /** RFC 3339 UTC. */
  @IsString() createdAt: string;
  @IsString() changedAt: string;
  @IsString() changedBy: string;
  @IsOptional() @IsString() lastUsedAt?: string;
}

export class ListSecrets {
  @IsName() project: string;
}

export class SecretList {
  @IsArray() @ValidateNested({ each: true }) @Type(() => SecretView) secrets: SecretView[];
}

export class UseSecret extends SecretName {
  /** What it is for, for the audit log: `Pipeline/default/earthquakes`. */
  @IsShortText(300) purpose: string;
}

export class SecretValue {
  @IsString() value: string;
  @IsVersion() version: number;
  /** When the user of the value asks again, RFC 3339 UTC; until then it keeps it in memory and nowhere else. */
  @IsString() validUntil: string;
}

export class RotateSecrets {}

export class RotatedSecrets {
  /** The master key that wraps every data key now. */
  @IsString() keyId: string;
  /** Data keys that this call wrapped anew. */
  @IsCount() rewrapped: number;
  /** True when nothing is wrapped by an older key any more, so that those may be taken away. */
  @IsBoolean() complete: boolean;
}

import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { Proof, SessionOwner } from './auth-users';
import { IsId, IsName, IsShortText } from './fields';

/** A WebAuthn ceremony that was begun: the browser answers the options, and the answer names the challenge. */
export class PasskeyCeremony {
  @IsId() challengeId: string;
  /** For `navigator.credentials.create` or `.get`, as JSON (WebAuthn Level 3 §5.1.8, §5.1.9). */
  @IsObject() options: object;
}

export class PasskeyAnswer {
  @IsId() challengeId: string;
  /** The credential as JSON, as `PublicKeyCredential.toJSON()` gives it. */
  @IsObject() response: object;
}

export class BeginPasskeyLogin {}

export class AddPasskey extends SessionOwner {
  @IsId() challengeId: string;
  @IsObject() response: object;
  /** For its owner to tell it from others. */
  @IsShortText(100) name: string;
}

/** With proof that it is the owner who asks; see {@link Proof}. */
export class RemovePasskey extends Proof {
  @IsShortText(1_400) passkeyId: string;
}

export class PasskeyView {
  @IsString() id: string;
  @IsString() name: string;
  @IsString() createdAt: string;
  @IsOptional() @IsString() lastUsedAt?: string;
}

export class PasskeyList {
  @IsArray() @ValidateNested({ each: true }) @Type(() => PasskeyView) passkeys: PasskeyView[];
}

/** Puts who has `value` in the claim into the group. */
export class ClaimMapping {
  @IsShortText(200) value: string;
  @IsShortText(200) group: string;
}

export class ProviderName {
  @IsName() name: string;
}

/** An OpenID provider that people log in by. */
export class PutProvider extends ProviderName {
  /** Exact (rule 19): what discovery and every token must say. */
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false }) @MaxLength(500) issuer: string;
  @IsShortText(500) clientId: string;
  /** Kept sealed; left out for a public client, or to keep the one that is there. */
  @IsOptional() @IsShortText(1_000) clientSecret?: string;
  /** Beside `openid`. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @Matches(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, { each: true })
  scopes?: string[];
  /** The claim that becomes the user's name; `preferred_username` when left out, else `email`, else `sub`. */
  @IsOptional() @IsShortText(100) nameClaim?: string;
  /** The claim whose values are mapped to groups. */
  @IsOptional() @IsShortText(100) groupsClaim?: string;
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => ClaimMapping)
  groups?: ClaimMapping[];
}

export class ProviderView extends ProviderName {
  @IsString() issuer: string;
  @IsString() clientId: string;
  @IsArray() @IsString({ each: true }) scopes: string[];
  @IsOptional() @IsString() nameClaim?: string;
  @IsOptional() @IsString() groupsClaim?: string;
  @IsArray() @ValidateNested({ each: true }) @Type(() => ClaimMapping) groups: ClaimMapping[];
  @IsIn(['confidential', 'public']) client: 'confidential' | 'public';
  @IsString() changedAt: string;
  @IsString() changedBy: string;
}

export class ListProviders {}

export class ProviderList {
  @IsArray() @ValidateNested({ each: true }) @Type(() => ProviderView) providers: ProviderView[];
}

export class OidcBegun {
  /** Where the browser goes. */
  @IsString() url: string;
  /** Kept in a cookie of the browser that began, so that nobody finishes another's login. */
  @IsString() browser: string;
}

export class FinishOidc extends ProviderName {
  /** The whole address that the provider sent the browser back to. */
  @IsShortText(8_000) url: string;
  @IsShortText(100) browser: string;
}

export class LogoutUrl {
  /** Where the browser goes to log out at the provider too; absent where it has no such place. */
  @IsOptional() @IsString() url?: string;
}

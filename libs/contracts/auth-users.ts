import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { IsId, IsShortText } from './fields';

/** Unit: characters. */
export const PASSWORD_MIN = 12;
const PASSWORD_MAX = 1_000;
const USERS_MAX = 1_000;

/** What a person logs in with: letters of any case mean the same. */
export const IsUserName = (): PropertyDecorator =>
  Matches(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,199}$/, {
    message: '$property must be 1 to 200 of letters, digits and . _ @ + -, beginning with a letter or digit',
  });

/** As directories write them, with spaces. */
export const IsGroupName = (): PropertyDecorator =>
  Matches(/^[A-Za-z0-9][A-Za-z0-9 ._@+:/-]{0,199}$/, {
    message:
      '$property must be 1 to 200 of letters, digits, spaces and . _ @ + : / -, beginning with a letter or digit',
  });

/** No rules of composition (NIST SP 800-63B §3.1.1.2): length, and not one of those that everybody tries first. */
const IsPassword = (): PropertyDecorator => (target, property) => {
  IsString()(target, property);
  MinLength(PASSWORD_MIN)(target, property);
  MaxLength(PASSWORD_MAX)(target, property);
};

export class UserName {
  @IsUserName() name: string;
}

export class CreateUser extends UserName {
  @IsOptional() @IsShortText(200) displayName?: string;
  @IsOptional() @IsShortText(320) email?: string;
  /** Left out for who logs in by an identity provider or a passkey alone. */
  @IsOptional() @IsPassword() password?: string;
}

export class UpdateUser extends UserName {
  @IsOptional() @IsShortText(200) displayName?: string;
  @IsOptional() @IsShortText(320) email?: string;
  /** A disabled user is out within 5 s; their sessions end. */
  @IsOptional() @IsIn(['active', 'disabled']) state?: 'active' | 'disabled';
  /** Sets a new password and ends all sessions. */
  @IsOptional() @IsPassword() password?: string;
}

export class UserView {
  @IsId() id: string;
  @IsString() name: string;
  @IsString() displayName: string;
  @IsOptional() @IsString() email?: string;
  @IsIn(['active', 'disabled']) state: 'active' | 'disabled';
  @IsIn(['own', 'oidc', 'scim']) origin: 'own' | 'oidc' | 'scim';
  @IsBoolean() hasPassword: boolean;
  @IsBoolean() hasSecondFactor: boolean;
  @IsArray() @IsString({ each: true }) groups: string[];
  @IsString() createdAt: string;
  @IsOptional() @IsString() lastLoginAt?: string;
}

export class ListUsers {}

export class UserList {
  @IsArray() @ValidateNested({ each: true }) @Type(() => UserView) users: UserView[];
}

export class GroupName {
  @IsGroupName() name: string;
}

export class PutGroup extends GroupName {
  /** Names of users; replaces who was in it. */
  @IsArray() @ArrayMaxSize(USERS_MAX) @IsShortText(200, { each: true }) members: string[];
}

export class GroupView extends PutGroup {
  @IsIn(['own', 'oidc', 'scim']) origin: 'own' | 'oidc' | 'scim';
}

export class ListGroups {}

export class GroupList {
  @IsArray() @ValidateNested({ each: true }) @Type(() => GroupView) groups: GroupView[];
}

export class Login {
  @IsShortText(200) name: string;
  @IsString() @MaxLength(PASSWORD_MAX) password: string;
  /** Of the authenticator app, or a recovery code; asked for when the user has a second factor. */
  @IsOptional() @IsShortText(50) code?: string;
}

/** What a login gives: it goes to who logged in and nowhere else. */
export class LoggedIn {
  @IsString() accessToken: string;
  /** Of the access token. Unit: seconds. */
  @IsInt() expiresIn: number;
  @IsString() refreshToken: string;
  @IsId() sessionId: string;
  @IsString() user: string;
}

export class Refresh {
  @IsShortText(200) refreshToken: string;
}

export class GetKeySet {}

/** RFC 7517. */
export class KeySet {
  @IsArray() @IsObject({ each: true }) keys: object[];
}

export class SessionOwner {
  /** The user whose sessions are meant: the caller itself, but for who may `users:write`. */
  @IsId() userId: string;
}

/** That it is the user who asks: needed unless the session of the caller began within ten minutes. */
export class Proof extends SessionOwner {
  /** The present one. */
  @IsOptional() @IsString() @MaxLength(PASSWORD_MAX) password?: string;
  /** Of the authenticator app, or a recovery code, for who has a second factor. */
  @IsOptional() @IsShortText(50) code?: string;
}

export class SessionRef extends SessionOwner {
  @IsId() sessionId: string;
}

export class SessionView {
  @IsId() id: string;
  @IsArray() @IsString({ each: true }) methods: string[];
  @IsOptional() @IsString() agent?: string;
  @IsOptional() @IsString() address?: string;
  @IsString() createdAt: string;
  @IsString() lastUsedAt: string;
  @IsString() expiresAt: string;
}

export class SessionList {
  @IsArray() @ValidateNested({ each: true }) @Type(() => SessionView) sessions: SessionView[];
}

export class ChangePassword extends SessionOwner {
  @IsString() @MaxLength(PASSWORD_MAX) current: string;
  @IsPassword() next: string;
}

export class TotpEnrolment {
  /** Base32 (RFC 4648), for who types it. */
  @IsString() secret: string;
  /** `otpauth://totp/...`, for who scans it. */
  @IsString() uri: string;
}

export class TotpCode extends SessionOwner {
  @IsShortText(50) code: string;
}

/** Each works once, in the place of a code. Shown this once. */
export class RecoveryCodes {
  @IsArray() @IsString({ each: true }) recoveryCodes: string[];
}

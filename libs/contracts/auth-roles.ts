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
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { IsCount, IsId, IsLabels, IsName, IsScope, IsShortText } from './fields';
import { PERMISSIONS, Permission, Principal, Rule } from './principal';

const RULES_MAX = 50;
const NAMES_MAX = 50;
const SUBJECTS_MAX = 200;
export const SIMULATED_MAX = 5_000;

const RESOURCES = [...new Set(PERMISSIONS.map((permission) => permission.split(':')[0]))];
const VERBS = [...new Set(PERMISSIONS.map((permission) => permission.split(':')[1]))];
const PATTERN = new RegExp(
  `^(?:\\*|(?:${RESOURCES.join('|')}):\\*|\\*:(?:${VERBS.join('|')})|${PERMISSIONS.join('|')})$`,
);

/** Permissions or patterns of them; one that matches nothing is refused, so that a slip of the pen does not pass. */
export const ArePermissions = (): PropertyDecorator =>
  Matches(PATTERN, {
    each: true,
    message: `$property must be permissions like "pipelines:read", "pipelines:*", "*:read" or "*"; there are ${PERMISSIONS.join(', ')}`,
  });

export class RoleRule implements Rule {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(PERMISSIONS.length) @ArePermissions() permissions: string[];
  /** Only things of these names; `team-*` is any that begins so. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(NAMES_MAX)
  @Matches(/^(?:[a-z][a-z0-9_-]{0,62}\*?|\*)$/, { each: true, message: 'names must be names, or beginnings with "*"' })
  names?: string[];
  /** Only things whose document has all of these labels. */
  @IsOptional() @IsLabels() labels?: Readonly<Record<string, string>>;
}

/** Where a role or binding belongs: a project, or `*` for the system as a whole. */
export class InScope {
  @IsScope() scope: string;
}

export class RoleRef extends InScope {
  @IsName() name: string;
}

export class PutRole extends RoleRef {
  @IsOptional() @IsShortText(500) description?: string;
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(RULES_MAX)
  @ValidateNested({ each: true })
  @Type(() => RoleRule)
  rules: RoleRule[];
}

export class RoleView extends PutRole {
  /** Built-in roles are the same in every scope and cannot be changed. */
  @IsIn(['built-in', 'own']) origin: 'built-in' | 'own';
}

export class RoleList {
  @IsArray() @ValidateNested({ each: true }) @Type(() => RoleView) roles: RoleView[];
}

export const SUBJECT_KINDS = ['user', 'group', 'account'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

export class Subject {
  @IsIn(SUBJECT_KINDS) kind: SubjectKind;
  /** A user's or group's name; a service account's as `project/name`. */
  @IsShortText(200) name: string;
}

export class PutBinding extends RoleRef {
  /** A built-in role, one of the same scope, or one of the scope `*`. */
  @IsName() role: string;
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(SUBJECTS_MAX)
  @ValidateNested({ each: true })
  @Type(() => Subject)
  subjects: Subject[];
}

export class BindingView extends PutBinding {
  @IsString() changedAt: string;
  @IsString() changedBy: string;
}

export class BindingList {
  @IsArray() @ValidateNested({ each: true }) @Type(() => BindingView) bindings: BindingView[];
}

export class PrincipalRef {
  /** `user:NAME`, `account:PROJECT/NAME`, `key:ID` or `role:NAME@PROJECT`. */
  @IsShortText(200) ref: string;
}

export class ResolvedPrincipal {
  @IsObject() principal: Principal;
}

export class WhoCan {
  @IsIn(PERMISSIONS) permission: Permission;
  @IsOptional() @IsName() project?: string;
  /** Of the one thing asked about. */
  @IsOptional() @IsName() name?: string;
}

export class Able {
  /** `user:ada`, `account:default/ci` or `key:ID`. */
  @IsString() who: string;
  @IsString() name: string;
  /** The grants that allow it. */
  @IsArray() @IsString({ each: true }) by: string[];
}

export class AbleList {
  @IsArray() @ValidateNested({ each: true }) @Type(() => Able) able: Able[];
}

/** Something that was done: what it took, by whom. */
export class PastUse {
  @IsISO8601() time: string;
  @IsIn(['key', 'user']) kind: 'key' | 'user';
  @IsId() id: string;
  @IsIn(PERMISSIONS) permission: Permission;
  @IsOptional() @IsName() project?: string;
  @IsOptional() @IsString() @MaxLength(100) name?: string;
}

/** What would have been denied, had roles and bindings been as proposed. Changes nothing. */
export class Simulate {
  @IsOptional() @ValidateNested() @Type(() => PutRole) role?: PutRole;
  @IsOptional() @ValidateNested() @Type(() => PutBinding) binding?: PutBinding;
  /** Roles and bindings that would not be there. */
  @IsOptional() @ValidateNested() @Type(() => RoleRef) withoutRole?: RoleRef;
  @IsOptional() @ValidateNested() @Type(() => RoleRef) withoutBinding?: RoleRef;
  @IsArray() @ArrayMaxSize(SIMULATED_MAX) @ValidateNested({ each: true }) @Type(() => PastUse) uses: PastUse[];
}

export class WouldDeny {
  /** `user:ada` or `key:ID`. */
  @IsString() who: string;
  @IsString() name: string;
  @IsIn(PERMISSIONS) permission: Permission;
  @IsOptional() @IsString() project?: string;
  @IsCount() times: number;
  @IsString() first: string;
  @IsString() last: string;
}

export class Simulated {
  /** Uses that were looked at: done by somebody who is still known. */
  @IsInt() uses: number;
  @IsArray() @ValidateNested({ each: true }) @Type(() => WouldDeny) denied: WouldDeny[];
}

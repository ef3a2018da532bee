import { IsIn, IsInt, IsObject, IsOptional } from 'class-validator';
import { IsShortText } from './fields';

export const SCIM_VERBS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export const SCIM_RESOURCES = ['Users', 'Groups'] as const;

/** A request of SCIM 2.0 as it came: the protocol is spoken where users and groups are kept. */
export class ScimRequest {
  @IsIn(SCIM_VERBS) verb: (typeof SCIM_VERBS)[number];
  @IsIn(SCIM_RESOURCES) resource: (typeof SCIM_RESOURCES)[number];
  @IsOptional() @IsShortText(100) id?: string;
  @IsOptional() @IsShortText(1_000) filter?: string;
  /** From 1. */
  @IsOptional() @IsInt() startIndex?: number;
  @IsOptional() @IsInt() count?: number;
  /** Names with commas between: the attributes that are wanted, or not. */
  @IsOptional() @IsShortText(1_000) attributes?: string;
  @IsOptional() @IsShortText(1_000) excludedAttributes?: string;
  @IsOptional() @IsObject() body?: Readonly<Record<string, unknown>>;
}

export class ScimAnswer {
  @IsInt() status: number;
  @IsOptional() @IsObject() body?: object;
}

import { IsBoolean, IsOptional, IsString } from 'class-validator';
import { explain, Resource } from '#libs/contracts/permissions';
import { Permission, Principal } from '#libs/contracts/principal';

/** One grant's part in a decision. */
export class GrantReason {
  @IsString() role: string;
  /** `*` for all. */
  @IsString() project: string;
  /** The binding that gives it, and to what group where it is by one. */
  @IsOptional() @IsString() by?: string;
  @IsBoolean() allows: boolean;
  @IsString() because: string;
}

/** Each grant that somebody holds, and what comes of it. */
export const reasonsOf = (
  principal: Principal,
  permission: Permission,
  project: string | undefined,
  resource: Resource,
): GrantReason[] =>
  explain(principal, permission, project, resource).map(({ grant: { role, project: held, by }, allows, because }) => ({
    role,
    project: held,
    ...(by === undefined ? {} : { by }),
    allows,
    because,
  }));

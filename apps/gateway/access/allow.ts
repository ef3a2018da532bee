import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { Permission } from '#libs/contracts/principal';

export const ALLOW = 'chartly:allow';
export const PUBLIC = 'chartly:public';
export const ANY_CALLER = 'chartly:any-caller';
export const INGEST = 'chartly:ingest';
export const AUDITED = 'chartly:audited';

/** The permission that a route takes, in the project that its path names, or in the system as a whole. */
export const Allow = (permission: Permission): MethodDecorator => SetMetadata(ALLOW, permission);

/** A route that anybody may call. */
export const Public = (): MethodDecorator => SetMetadata(PUBLIC, true);

/** Who may call a route that takes no permission, since it is about the caller itself. */
export type AnyCallerKind = 'anybody' | 'person';

/** A route about the caller, whoever that is. */
export const AnyCaller = (): MethodDecorator => SetMetadata(ANY_CALLER, 'anybody' satisfies AnyCallerKind);

/** A route about a person who is logged in: their sessions, password, passkeys. A key has none. */
export const AnyPerson = (): MethodDecorator => SetMetadata(ANY_CALLER, 'person' satisfies AnyCallerKind);

/** A route that goes on with the last known decision while auth is unreachable, for `CHARTLY_AUTH_STALE_MAX`. */
export const Ingest = (): MethodDecorator => SetMetadata(INGEST, true);

/** The actions that the route's entry in the audit log may have: one entry of one of them for each change. */
export const Audited = (...actions: readonly string[]): MethodDecorator =>
  applyDecorators(SetMetadata(AUDITED, actions), ApiExtension('x-audit-actions', actions));

/** What `@RouteConfig` says of a route whose path cannot name its project: the header that does. */
export interface ProjectConfig {
  readonly projectHeader?: string;
}

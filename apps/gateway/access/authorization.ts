import { Injectable } from '@nestjs/common';
import { decide, Verdict } from '#libs/contracts/permissions';
import { Permission, Principal } from '#libs/contracts/principal';
import { Forbidden, NotFound } from '#libs/errors/errors';
import { Denials } from './denials';
import { GuardedRequest } from './presented-credential';
import { resourceIn, ResourceLabels } from './resource-of';

type PathParams = Readonly<Record<string, string | undefined>>;

/** Whether who asks may have what a request asks for. */
@Injectable()
export class Authorization {
  constructor(
    private readonly denials: Denials,
    private readonly labels: ResourceLabels,
  ) {}

  /**
   * Gives nothing when `principal` may, as most may whom it takes no look elsewhere to know; else a promise of that. It is
   * refused with NotFound `project.unknown` or Forbidden `auth.denied`, once the refusal is told.
   */
  check(
    request: GuardedRequest,
    principal: Principal,
    permission: Permission,
    project: string | undefined,
  ): Promise<void> | undefined {
    const params = request.params as PathParams; // fastify's params of a matched route
    if (decide(principal, permission, project, resourceIn(params)) === 'allowed') return undefined;
    return this.lookCloser(request, principal, permission, project, params);
  }

  private async lookCloser(
    request: GuardedRequest,
    principal: Principal,
    permission: Permission,
    project: string | undefined,
    params: PathParams,
  ): Promise<void> {
    const resource = await this.labels.complete(principal, permission, project, params);
    const verdict: Verdict = decide(principal, permission, project, resource);
    if (verdict === 'allowed') return;
    await this.denials.record(request, { permission, project });
    if (verdict === 'stranger') throw new NotFound('project.unknown', `There is no project "${project}".`);
    throw new Forbidden('auth.denied', `This takes the permission "${permission}", which ${principal.name} lacks.`, {
      permission,
    });
  }
}

/** Throws Forbidden `auth.no_user` for whoever is no person. */
export function requirePerson({ kind }: Principal): void {
  if (kind === 'user') return;
  throw new Forbidden(
    'auth.no_user',
    'Only a person who is logged in has sessions, a password and passkeys; a key has none.',
  );
}

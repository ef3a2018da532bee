import { Injectable } from '@nestjs/common';
import { AuthContract } from '#libs/contracts/auth.contract';
import { decide } from '#libs/contracts/permissions';
import { BUILT_IN_ROLES, Principal } from '#libs/contracts/principal';
import { Forbidden, NotFound } from '#libs/errors/errors';

const ROLE = /^role:([^@]*)@(.*)$/;

/** Whom a question about access is about. */
@Injectable()
export class AskedAbout {
  constructor(private readonly auth: AuthContract) {}

  /**
   * Asking for somebody else takes `roles:read`. What a built-in role may do, everybody may know; what a project's own
   * role may, takes `roles:read` there, and to who holds nothing there it does not exist.
   */
  async principal(caller: Principal, as: string | undefined): Promise<Principal> {
    if (as === undefined) return caller;
    const [, role, project] = ROLE.exec(as) ?? [];
    if (!BUILT_IN_ROLES.some((name) => name === role)) {
      const verdict = decide(caller, 'roles:read', project === '*' ? undefined : project);
      if (verdict === 'stranger')
        throw new NotFound('principal.unknown', `There is no role "${role}" in "${project}".`);
      if (verdict === 'denied') {
        throw new Forbidden('auth.denied', `Asking for somebody else takes "roles:read", which ${caller.name} lacks.`, {
          permission: 'roles:read',
        });
      }
    }
    return (await this.auth.resolve({ ref: as })).principal;
  }
}

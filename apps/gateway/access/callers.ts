import { Injectable } from '@nestjs/common';
import { Principal } from '#libs/contracts/principal';
import { GuardedRequest, presentedCredential } from './presented-credential';
import { Denials } from './denials';
import { Principals } from './principals';
import { requireCsrf } from './session-cookies';

/** Who sends a request. */
@Injectable()
export class Callers {
  constructor(
    private readonly principals: Principals,
    private readonly denials: Denials,
  ) {}

  /**
   * `staleAllowed` as {@link Principals.of} has it; a page's session never goes by a stale answer. Throws Unauthenticated
   * and, for a changing request by cookie that no page of ours made, Forbidden `csrf.missing`.
   */
  async of(request: GuardedRequest, staleAllowed: boolean): Promise<Principal> {
    const { token, isSession } = presentedCredential(request);
    const principal = await this.principals.of(token, !isSession && staleAllowed);
    if (isSession) await this.requireOurPage(request, principal);
    return principal;
  }

  private async requireOurPage(request: GuardedRequest, principal: Principal): Promise<void> {
    try {
      requireCsrf(request);
    } catch (thrown) {
      request.principal = principal;
      await this.denials.record(request, { reason: 'lacks the token against CSRF' });
      throw thrown;
    }
  }
}

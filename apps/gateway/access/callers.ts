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
   * and, for a changing request by cookie that no page of ours made, Forbidden `csrf.missing`; a promise of either where it
   * is not known already.
   */
  of(request: GuardedRequest, staleAllowed: boolean): Principal | Promise<Principal> {
    const { token, isSession } = presentedCredential(request);
    const principal = this.principals.of(token, !isSession && staleAllowed);
    return isSession ? this.ofOurPage(request, principal) : principal;
  }

  private async ofOurPage(request: GuardedRequest, found: Principal | Promise<Principal>): Promise<Principal> {
    const principal = await found;
    await this.requireOurPage(request, principal);
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

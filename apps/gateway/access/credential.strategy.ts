import { Passport } from 'passport';
import { Strategy } from 'passport-custom';
import { AuthContract } from '#libs/contracts/auth.contract';
import { Principal } from '#libs/contracts/principal';
import { Unauthenticated } from '#libs/errors/errors';

const NAME = 'credential';

/** What a strategy sees of a request: what it presents, and nothing that it could change. */
interface Presented {
  readonly token: string;
}

/**
 * Who a credential stands for, decided by a Passport strategy that asks auth. Only for a credential that is not remembered:
 * a request that is known already meets no strategy. Without sessions; a page's is a token like any other.
 */
export class CredentialStrategy {
  private readonly passport = new Passport();

  constructor(auth: Pick<AuthContract, 'authenticate'>) {
    const ask = async ({ token }: Presented): Promise<Principal> => (await auth.authenticate({ token })).principal;
    this.passport.use(
      NAME,
      new Strategy((request, done) => {
        ask(request as unknown as Presented).then((principal) => done(null, principal), done); // as it is given below
      }),
    );
  }

  /** Throws what auth throws; Unauthenticated `auth.invalid` when the strategy knows nobody. */
  decide(token: string): Promise<Principal> {
    return new Promise((resolve, reject) => {
      const decided = (thrown: Error | null | undefined, principal: Principal | false | undefined): void => {
        if (thrown) reject(thrown);
        else if (principal) resolve(principal);
        else reject(new Unauthenticated('auth.invalid', 'The credential is unknown, revoked or expired.'));
      };
      const strategy = this.passport.authenticate(NAME, { session: false }, decided) as Middleware;
      strategy({ token } satisfies Presented, {}, reject);
    });
  }
}

/** As Passport makes one: it needs no server behind it when its caller takes the decision itself. */
type Middleware = (request: object, response: object, next: (thrown: Error) => void) => void;

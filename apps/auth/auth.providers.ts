import { ChartlyConfig } from '#libs/config/config';
import { AllowList } from '#libs/egress/allow-list';
import { EgressGuard } from '#libs/egress/egress-guard';
import { AccessReview } from './access/access-review';
import { Grants } from './access/grants';
import { RoleBook } from './access/role-book';
import { Subjects } from './access/subjects';
import { Accounts } from './accounts/accounts';
import { ApiKeys } from './keys/api-keys';
import { KeyIssuer } from './keys/key-issuer';
import { LocalAccess } from './local/local-access';
import { SetupLink } from './local/setup-link';
import { OidcLogins } from './oidc/oidc-logins';
import { PROVIDER_LIMITS } from './oidc/provider-fetch';
import { Providers } from './oidc/providers';
import { Passkeys } from './passkeys/passkeys';
import { Refusals } from './refusals';
import { Directory } from './scim/directory';
import { Replies } from './sealed/replies';
import { SealedValues } from './sealed/sealed-values';
import { KeyRotation } from './secrets/key-rotation';
import { masterKeysProvider } from './secrets/master-keys.provider';
import { OutsideSecrets } from './secrets/outside-secrets';
import { SecretStore } from './secrets/secret-store';
import { Challenges } from './sessions/challenges';
import { LoginThrottle } from './sessions/login-throttle';
import { Logins } from './sessions/logins';
import { Sessions } from './sessions/sessions';
import { SigningKeys } from './sessions/signing-keys';
import { Groups } from './users/groups';
import { Passwords } from './users/password';
import { Proofs } from './users/proofs';
import { SecondFactors } from './users/second-factors';
import { Users } from './users/users';

/** What auth is made of, behind its contract. */
export const AUTH_PROVIDERS = [
  ApiKeys,
  KeyIssuer,
  Accounts,
  Grants,
  Subjects,
  RoleBook,
  AccessReview,
  LocalAccess,
  SetupLink,
  masterKeysProvider,
  SecretStore,
  OutsideSecrets,
  KeyRotation,
  SealedValues,
  Replies,
  SigningKeys,
  Sessions,
  Logins,
  LoginThrottle,
  Challenges,
  Users,
  Groups,
  Passwords,
  SecondFactors,
  Proofs,
  Refusals,
  Passkeys,
  Providers,
  {
    provide: EgressGuard,
    useFactory: ({ egressAllow }: ChartlyConfig) => new EgressGuard(AllowList.parse(egressAllow), PROVIDER_LIMITS),
    inject: [ChartlyConfig],
  },
  OidcLogins,
  Directory,
];

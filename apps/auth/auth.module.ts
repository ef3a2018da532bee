import { BeforeApplicationShutdown, Module, OnApplicationBootstrap } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditTrailModule } from '#libs/audit-trail/audit-trail';
import { ClockModule } from '#libs/clock/clock';
import { AuthContract } from '#libs/contracts/auth.contract';
import { Periodic } from '#libs/queue/periodic';
import { serve } from '#libs/transport/serve';
import { AuthService } from './auth.service';
import { AccessReview } from './access/access-review';
import { Grants } from './access/grants';
import { RoleBook } from './access/role-book';
import { Subjects } from './access/subjects';
import { Accounts } from './accounts/accounts';
import { AUTH_ENTITIES } from './auth.entities';
import { ApiKeys } from './keys/api-keys';
import { KeyIssuer } from './keys/key-issuer';
import { LocalAccess } from './local/local-access';
import { SetupLink } from './local/setup-link';
import { masterKeysProvider } from './secrets/master-keys.provider';
import { OutsideSecrets } from './secrets/outside-secrets';
import { SecretStore } from './secrets/secret-store';

const NOTE_USES_MS = 10_000;

/** Who somebody is and what they may do. */
@Module({
  imports: [ClockModule, TypeOrmModule.forFeature(AUTH_ENTITIES), AuditTrailModule.forSchema('auth')],
  providers: [
    ...serve(AuthContract, AuthService),
    ApiKeys,
    KeyIssuer,
    Accounts,
    Grants,
    Subjects,
    RoleBook,
    AccessReview,
    LocalAccess,
    SetupLink,
    SecretStore,
    OutsideSecrets,
    masterKeysProvider,
  ],
})
export class AuthModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly noting = new Periodic('ApiKeys', NOTE_USES_MS, () => this.keys.noteUses());

  constructor(private readonly keys: ApiKeys) {}

  onApplicationBootstrap(): void {
    this.noting.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.noting.stop();
    await this.keys.noteUses();
  }
}

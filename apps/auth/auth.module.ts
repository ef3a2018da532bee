import { BeforeApplicationShutdown, Module, OnApplicationBootstrap } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditTrailModule } from '#libs/audit-trail/audit-trail';
import { ClockModule } from '#libs/clock/clock';
import { AuthContract } from '#libs/contracts/auth.contract';
import { IdempotencyModule } from '#libs/idempotency/idempotency.module';
import { Periodic } from '#libs/queue/periodic';
import { serve } from '#libs/transport/serve';
import { AUTH_ENTITIES } from './auth.entities';
import { AUTH_PROVIDERS } from './auth.providers';
import { AuthService } from './auth.service';
import { ApiKeys } from './keys/api-keys';
import { Refusals } from './refusals';
import { Replies } from './sealed/replies';
import { LoginThrottle } from './sessions/login-throttle';
import { Sessions } from './sessions/sessions';

const NOTE_USES_MS = 10_000;
const SWEEP_MS = 3_600_000;

/** Who somebody is and what they may do. */
@Module({
  imports: [
    ClockModule,
    TypeOrmModule.forFeature(AUTH_ENTITIES),
    AuditTrailModule.forSchema('auth'),
    IdempotencyModule.forSecretsIn('auth'),
  ],
  providers: [...serve(AuthContract, AuthService), ...AUTH_PROVIDERS],
})
export class AuthModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly noting = new Periodic('ApiKeys', NOTE_USES_MS, async () => {
    await this.keys.noteUses();
    await this.refusals.tellOfTheRest();
  });
  private readonly sweeping = new Periodic('Sessions', SWEEP_MS, async () => {
    await this.sessions.sweep();
    await this.throttle.sweep();
    await this.replies.sweep();
  });

  constructor(
    private readonly keys: ApiKeys,
    private readonly sessions: Sessions,
    private readonly throttle: LoginThrottle,
    private readonly refusals: Refusals,
    private readonly replies: Replies,
  ) {}

  onApplicationBootstrap(): void {
    this.noting.start();
    this.sweeping.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.noting.stop(), this.sweeping.stop()]);
    await this.keys.noteUses();
  }
}

import { Module } from '@nestjs/common';
import { ClockModule } from '#libs/clock/clock';
import { AuditContract } from '#libs/contracts/audit.contract';
import { IdempotencyModule } from '#libs/idempotency/idempotency.module';
import { ObjectsModule } from '#libs/objects/objects.module';
import { serve } from '#libs/transport/serve';
import { AuditService } from './audit.service';
import { FORWARD_METRICS, Forwarder } from './forward/forwarder';
import { Facets } from './facets';
import { Handovers } from './handovers';
import { Log } from './log';
import { Mirror } from './mirror';
import { PersonalData } from './personal-data';
import { LogKeys } from './log-keys';
import { Retention } from './retention';
import { Seals } from './seals';
import { Tiles } from './tiles';
import { WITNESS_METRICS, Witnesses } from './witnesses';

/** The tamper-evident log. */
@Module({
  imports: [ClockModule, IdempotencyModule.forSchema('audit'), ObjectsModule],
  providers: [
    ...serve(AuditContract, AuditService),
    Facets,
    Forwarder,
    Handovers,
    Log,
    Mirror,
    PersonalData,
    Retention,
    Seals,
    LogKeys,
    Tiles,
    Witnesses,
    ...FORWARD_METRICS,
    ...WITNESS_METRICS,
  ],
})
export class AuditModule {}

import { Module } from '@nestjs/common';
import { ClockModule } from '#libs/clock/clock';
import { AuditContract } from '#libs/contracts/audit.contract';
import { serve } from '#libs/transport/serve';
import { AuditService } from './audit.service';
import { Facets } from './facets';
import { Log } from './log';
import { PersonalData } from './personal-data';
import { SigningKey } from './signing-key';
import { Tiles } from './tiles';

/** The tamper-evident log. */
@Module({
  imports: [ClockModule],
  providers: [...serve(AuditContract, AuditService), Facets, Log, PersonalData, SigningKey, Tiles],
})
export class AuditModule {}

import { Module } from '@nestjs/common';
import { AuditContract } from '#libs/contracts/audit.contract';
import { serve } from '#libs/transport/serve';
import { AuditService } from './audit.service';
import { Log } from './log';
import { SigningKey } from './signing-key';
import { Tiles } from './tiles';

/** The tamper-evident log. */
@Module({ providers: [...serve(AuditContract, AuditService), Log, SigningKey, Tiles] })
export class AuditModule {}

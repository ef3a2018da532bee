import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { ClockModule } from '#libs/clock/clock';
import { ObserverContract } from '#libs/contracts/observer.contract';
import { serve } from '#libs/transport/serve';
import { Health } from './health';
import { LEDGER_BALANCED, LedgerCheck } from './ledger-check';
import { Ledgers } from './ledgers';
import { ObserverService } from './observer.service';
import { WatchedPipeline } from './watched.entity';

/** Watches the system: health, and books that must balance. */
@Module({
  imports: [ClockModule, TypeOrmModule.forFeature([WatchedPipeline])],
  providers: [
    ...serve(ObserverContract, ObserverService),
    Ledgers,
    LedgerCheck,
    Health,
    makeGaugeProvider({
      name: LEDGER_BALANCED,
      help: '1 when the books of a pipeline balance, 0 when they do not.',
      labelNames: ['project', 'pipeline'],
    }),
  ],
})
export class ObserverModule {}

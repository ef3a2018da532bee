import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { ClockModule } from '#libs/clock/clock';
import { ObserverContract } from '#libs/contracts/observer.contract';
import { serve } from '#libs/transport/serve';
import { Canary, CANARY_OK, CANARY_SECONDS } from './canary/canary';
import { CanaryPipeline } from './canary/canary-pipeline';
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
    Canary,
    CanaryPipeline,
    makeGaugeProvider({
      name: LEDGER_BALANCED,
      help: '1 when the books of a pipeline balance, 0 when they do not.',
      labelNames: ['project', 'pipeline'],
    }),
    makeGaugeProvider({
      name: CANARY_OK,
      help: '1 when the canary record came through the data plane in time, 0 when it is late.',
    }),
    makeHistogramProvider({
      name: CANARY_SECONDS,
      help: 'Seconds from the push of the canary record until a query finds it.',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    }),
  ],
})
export class ObserverModule {}

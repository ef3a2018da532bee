import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Clock } from '#libs/clock/clock';
import { GetLedger, Ledger, ObserverContract, SystemHealth, WatchPipeline } from '#libs/contracts/observer.contract';
import { Done, PipelineName } from '#libs/contracts/pipeline-ref';
import { Canary } from './canary/canary';
import { Health } from './health';
import { Ledgers } from './ledgers';
import { WatchedPipeline } from './watched.entity';

@Injectable()
export class ObserverService implements ObserverContract {
  constructor(
    private readonly ledgers: Ledgers,
    private readonly healthOf: Health,
    private readonly canary: Canary,
    private readonly clock: Clock,
    @InjectRepository(WatchedPipeline) private readonly watched: Repository<WatchedPipeline>,
  ) {}

  async watch({ project, pipeline, version, dataset }: WatchPipeline): Promise<Done> {
    await this.watched.upsert({ project, pipeline, version, dataset, active: true }, ['project', 'pipeline']);
    return {};
  }

  async unwatch({ project, pipeline }: PipelineName): Promise<Done> {
    await this.watched.update({ project, pipeline }, { active: false });
    return {};
  }

  ledger(request: GetLedger): Promise<Ledger> {
    return this.ledgers.of(request);
  }

  async health(): Promise<SystemHealth> {
    const services = await this.healthOf.of();
    return {
      ready: services.every(({ state }) => state === 'ready'),
      canary: this.canary.health(),
      services,
      checkedAt: this.clock.now().toISOString(),
    };
  }
}

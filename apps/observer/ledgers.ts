import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Clock } from '#libs/clock/clock';
import { ConnectorHubContract, PipelineTotals } from '#libs/contracts/connector-hub.contract';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { GetLedger, Ledger } from '#libs/contracts/observer.contract';
import { StorageContract } from '#libs/contracts/storage.contract';
import { NotFound } from '#libs/errors/errors';
import { balance, Balance, Books } from './balance';
import { WatchedPipeline } from './watched.entity';

/** Data that flows between two questions can look like a difference; one that stays over so many looks is one. */
const LOOKS = 4;

/** Counts the books of a pipeline from what the services really hold. */
@Injectable()
export class Ledgers {
  constructor(
    private readonly hub: ConnectorHubContract,
    private readonly normalizer: NormalizerContract,
    private readonly storage: StorageContract,
    private readonly clock: Clock,
    @InjectRepository(WatchedPipeline) private readonly watched: Repository<WatchedPipeline>,
  ) {}

  /** Throws NotFound `pipeline.unknown`. */
  async of({ project, pipeline, version }: GetLedger): Promise<Ledger> {
    const watched = await this.watched.findOneBy({ project, pipeline });
    if (!watched) throw new NotFound('pipeline.unknown', `There is no pipeline "${pipeline}" in project "${project}".`);
    let looked = await this.look(watched, version);
    for (let look = 1; look < LOOKS && looked.result.problems.length > 0; look += 1)
      looked = await this.look(watched, version);
    const { result, books } = looked;
    return {
      project,
      pipeline,
      version: result.version === 0 ? watched.version : result.version,
      records: result.records,
      rows: result.rows,
      dataset: books.dataset,
      balanced: result.problems.length === 0,
      problems: result.problems,
      checkedAt: this.clock.now().toISOString(),
    };
  }

  all(): Promise<WatchedPipeline[]> {
    return this.watched.find();
  }

  /** The inbox is asked first: whoever is asked later can only be ahead of it, which pending work explains. */
  private async look(watched: WatchedPipeline, version?: number): Promise<{ result: Balance; books: Books }> {
    const { project, pipeline, dataset } = watched;
    const feeding = await this.watched.findBy({ project, dataset });
    const inboxes = await Promise.all(feeding.map((one) => this.hub.totals({ project, pipeline: one.pipeline })));
    const inbox = inboxes[feeding.findIndex((one) => one.pipeline === pipeline)] ?? { versions: [] };
    const books: Books = {
      inbox,
      quarantine: await this.normalizer.quarantineTotals({ project, pipeline }),
      dataset: await this.storage.totals({ project, dataset }),
      feeding: { stored: total(inboxes, 'stored') + total(inboxes, 'superseded'), pending: total(inboxes, 'pending') },
      version,
    };
    return { result: balance(books), books };
  }
}

const total = (inboxes: readonly PipelineTotals[], name: 'stored' | 'superseded' | 'pending'): number =>
  inboxes.flatMap(({ versions }) => versions).reduce((sum, version) => sum + version[name], 0);

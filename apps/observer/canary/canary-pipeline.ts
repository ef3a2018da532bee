import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Clock, Ids } from '#libs/clock/clock';
import { ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import { ServiceName } from '#libs/contracts/contract';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { StorageContract } from '#libs/contracts/storage.contract';
import { WatchedPipeline } from '../watched.entity';

/** In a project of the system's own, which nobody's ledger or list of pipelines shows unasked. */
const NAME = { project: 'chartly-system', pipeline: 'canary' } as const;
const PIPELINE = { ...NAME, version: 1 } as const;
const DATASET = {
  project: NAME.project,
  dataset: 'canary',
  time: 'time',
  key: ['id'],
  columns: [
    { name: 'id', type: 'string' as const, nullable: false },
    { name: 'time', type: 'timestamp' as const, nullable: false },
  ],
};

/** Where a record is: through, or with the service that has it. */
export type Whereabouts = 'through' | ServiceName;

/** The pipeline that canaries fly through: installed like a user's, in the same order, and with books of its own. */
@Injectable()
export class CanaryPipeline {
  constructor(
    private readonly storage: StorageContract,
    private readonly normalizer: NormalizerContract,
    private readonly hub: ConnectorHubContract,
    @InjectRepository(WatchedPipeline) private readonly watched: Repository<WatchedPipeline>,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** Idempotent. Tells `at` whom it speaks to; throws what that one throws when it is away. */
  async install(at: (service: ServiceName) => void): Promise<void> {
    const { time, key, columns, dataset } = DATASET;
    const steps = [{ map: { id: 'raw.id', time: 'timestamp_ms(raw.time)' } }];
    at('storage');
    await this.storage.installDataset({ ...DATASET, key: [...key], columns: [...columns] });
    at('normalizer');
    await this.normalizer.install({
      ...PIPELINE,
      steps,
      schemas: {},
      dataset,
      time,
      key: [...key],
      columns: [...columns],
    });
    await this.watched.upsert({ ...PIPELINE, dataset, active: true }, ['project', 'pipeline']);
    at('connector-hub');
    await this.hub.install(PIPELINE);
  }

  /** Pushes one record and gives its id. */
  async push(): Promise<string> {
    const id = this.ids.uuidv7();
    const record = JSON.stringify({ id, time: this.clock.now().getTime() });
    await this.hub.accept({ ...NAME, format: 'ndjson', body: Buffer.from(record) });
    return id;
  }

  /** Asks the store by query; a record that is neither there nor pending is with storage, which promised it. */
  async whereabouts(id: string): Promise<Whereabouts> {
    try {
      if (await this.isStored(id)) return 'through';
    } catch {
      return 'storage';
    }
    try {
      const { versions } = await this.hub.totals(NAME);
      return versions.some(({ pending }) => pending > 0) ? 'normalizer' : 'storage';
    } catch {
      return 'connector-hub';
    }
  }

  private async isStored(id: string): Promise<boolean> {
    const { rows } = await this.storage.query({
      project: DATASET.project,
      dataset: DATASET.dataset,
      measures: [],
      dimensions: [],
      columns: ['id'],
      filters: [{ column: 'id', op: 'eq', value: id }],
      order: [],
      limit: 1,
    });
    return rows.length > 0;
  }
}

import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PipelineName } from '#libs/contracts/pipeline-ref';
import type { SourceKind } from '#libs/documents/source';
import { Conflict } from '#libs/errors/errors';
import { PreparedBatches } from '../inbox/inbox';
import { KnownShape } from './drift-watch';

const CLAIM = `
  INSERT INTO connector_hub.checkpoints AS held (project, pipeline, epoch, lease_until)
  VALUES ($1, $2, 1, clock_timestamp() + interval '60 seconds')
  ON CONFLICT (project, pipeline) DO UPDATE
     SET epoch = held.epoch + 1, lease_until = excluded.lease_until
   WHERE held.lease_until < clock_timestamp()
  RETURNING epoch, state`;

const ADVANCE = `
  UPDATE connector_hub.checkpoints
     SET state = $4, lease_until = clock_timestamp() + interval '60 seconds', updated_at = clock_timestamp()
   WHERE project = $1 AND pipeline = $2 AND epoch = $3 AND lease_until > clock_timestamp()
  RETURNING 1`;

const RELEASE = `
  UPDATE connector_hub.checkpoints
     SET lease_until = '-infinity'
   WHERE project = $1 AND pipeline = $2 AND epoch = $3`;

/** The right to pull a pipeline: one holder at a time, fenced by its epoch and the database's clock (fault 19). */
export interface Lease extends PipelineName {
  readonly epoch: number;
  readonly kind: SourceKind;
}

/** Where a pull stands. */
export interface Reached {
  readonly state: object;
  readonly shape?: KnownShape;
}

interface Claimed extends Reached {
  readonly lease: Lease;
}

/** How far each pipeline has been pulled: by kind of source, so that another kind begins at its beginning. */
type Checkpoint = { readonly [K in SourceKind]?: object } & { readonly shape?: KnownShape };

@Injectable()
export class Checkpoints {
  constructor(private readonly database: DataSource) {}

  /** Throws Conflict `pull.busy` while somebody else holds the lease. */
  async claim({ project, pipeline }: PipelineName, kind: SourceKind): Promise<Claimed> {
    const [claimed] = await this.database.query<{ epoch: number; state: Checkpoint }[]>(CLAIM, [project, pipeline]);
    if (!claimed) throw busy(pipeline);
    const { epoch, state } = claimed;
    return { lease: { project, pipeline, kind, epoch }, state: state[kind] ?? {}, shape: state.shape };
  }

  /** Rule 6: the checkpoint moves in the transaction that takes in what it covers. A holder of before is refused. */
  async advance(
    { project, pipeline, kind, epoch }: Lease,
    { state, shape }: Reached,
    batches: PreparedBatches,
  ): Promise<void> {
    const checkpoint: Checkpoint = { [kind]: state, ...(shape ? { shape } : {}) };
    try {
      await this.database.transaction(async (tx) => {
        const [moved] = await tx.query<[unknown[], number]>(ADVANCE, [
          project,
          pipeline,
          epoch,
          JSON.stringify(checkpoint),
        ]);
        if (moved.length === 0) throw busy(pipeline);
        await batches.insert(tx);
      });
    } catch (thrown) {
      batches.released();
      throw thrown;
    }
    batches.committed();
  }

  async release({ project, pipeline, epoch }: Lease): Promise<void> {
    await this.database.query(RELEASE, [project, pipeline, epoch]);
  }
}

const busy = (pipeline: string): Conflict =>
  new Conflict('pull.busy', `"${pipeline}" is being pulled by somebody else. Try again when that is done.`);

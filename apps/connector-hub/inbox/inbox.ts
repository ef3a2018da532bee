import { Injectable, BeforeApplicationShutdown } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { DataSource, EntityManager } from 'typeorm';
import { Ids } from '#libs/clock/clock';
import { AcceptPush, AcceptReceipt, RawBatch } from '#libs/contracts/connector-hub.contract';
import { RecordFormat } from '#libs/contracts/record-format';
import { PipelineName, PipelineRef } from '#libs/contracts/pipeline-ref';
import { ChartlyError, Conflict } from '#libs/errors/errors';
import { frame } from '#libs/framing/framing';
import { Backlog } from './backlog';
import { Dispatcher } from './dispatcher';
import { GroupCommit } from '#libs/database/group-commit';
import { insertBatches, NewBatch } from './insert-batches';
import { pack } from './packing';
import { answerTo, knownOf, receiptOf } from './receipts';
import { RecentPayloads } from './recent-payloads';
import { StoredBatches } from './stored-batches';

const MIB = 1024 * 1024;
const GROUP_MAX_BATCHES = 64;
const GROUP_MAX_BYTES = 16 * MIB;
const GROUP_FLIGHTS = 2;

/** What a source gave, as it becomes one batch. */
export interface PulledBatch extends PipelineRef {
  readonly runId: string;
  readonly format: RecordFormat;
  readonly payload: Uint8Array;
  readonly count: number;
  /** Why its records go to quarantine as they are. */
  readonly held?: string;
}

/** Batches that wait for a commit which the caller makes. */
export interface PreparedBatches {
  insert(tx: EntityManager): Promise<void>;
  /** After the commit. */
  committed(): void;
  /** When there was none. */
  released(): void;
}

/** The raw batches that were accepted: on disk before anybody is told so, and kept until they are settled. */
@Injectable()
export class Inbox implements BeforeApplicationShutdown {
  private readonly recent = new RecentPayloads();
  private readonly keysInFlight = new Set<string>();
  private readonly commits = new GroupCommit<NewBatch, AcceptReceipt>((batches) => this.commit(batches), {
    items: GROUP_MAX_BATCHES,
    bytes: GROUP_MAX_BYTES,
    sizeOf: ({ packed }) => packed.byteLength,
    flights: GROUP_FLIGHTS,
  });

  constructor(
    private readonly database: DataSource,
    private readonly ids: Ids,
    private readonly backlog: Backlog,
    private readonly dispatcher: Dispatcher,
    private readonly stored: StoredBatches,
  ) {}

  /** See `ConnectorHubContract.accept`. */
  async accept(push: AcceptPush): Promise<AcceptReceipt> {
    const { count } = frame(push.body, push.format);
    const place = this.backlog.take(push, push.body.byteLength);
    const releaseKey = this.holdKey(push);
    try {
      const receipt = await this.commits.submit(await this.packed({ ...push, payload: push.body, count }));
      if (receipt.repeated) {
        place.released();
      } else {
        place.committed();
        this.keep(receipt.batchId, push.body);
      }
      return receipt;
    } catch (thrown) {
      place.released();
      throw thrown;
    } finally {
      releaseKey();
    }
  }

  /** Packs what a page gave, to be committed with the checkpoint that passes it (rule 6). */
  async prepare(pipeline: PipelineName, batches: readonly PulledBatch[]): Promise<PreparedBatches> {
    const place = this.backlog.take(
      pipeline,
      batches.reduce((sum, { payload }) => sum + payload.byteLength, 0),
    );
    try {
      const packed = await Promise.all(batches.map((batch) => this.packed(batch)));
      return {
        insert: async (tx) => {
          if (packed.length === 0) return;
          const inserted = await insertBatches(tx, packed);
          if (!inserted.every((one) => one.inserted)) throw notAllTaken(packed.length);
          await hold(
            tx,
            packed.map(({ batchId }, at) => ({ batchId, held: batches[at]?.held })),
          );
        },
        committed: () => {
          place.committed();
          packed.forEach(({ batchId }, at) => this.keep(batchId, batches[at]!.payload)); // one each
        },
        released: () => place.released(),
      };
    } catch (thrown) {
      place.released();
      throw thrown;
    }
  }

  /** See `ConnectorHubContract.fetchBatch`. */
  fetch(batchId: string): Promise<RawBatch> {
    return this.stored.get(batchId, this.recent.get(batchId));
  }

  /** A batch is settled: nothing of it is needed any more. */
  settled(batchId: string, project: string, bytes: number): void {
    this.recent.drop(batchId);
    this.backlog.settled(project, bytes);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.commits.drain();
  }

  private async packed({
    payload,
    ...batch
  }: PipelineName &
    Pick<NewBatch, 'version' | 'runId' | 'format' | 'count' | 'idempotencyKey'> & {
      payload: Uint8Array;
    }): Promise<NewBatch> {
    const { encoding, bytes } = await pack(payload);
    return {
      ...batch,
      batchId: this.ids.uuidv7(),
      encoding,
      packed: bytes,
      bytes: payload.byteLength,
      sha256: createHash('sha256').update(payload).digest('hex'),
    };
  }

  private keep(batchId: string, payload: Uint8Array): void {
    this.recent.put(batchId, payload);
    this.dispatcher.dispatch({ batchId, epoch: 0, bytes: payload.byteLength });
  }

  private holdKey({ project, pipeline, idempotencyKey }: AcceptPush): () => void {
    if (idempotencyKey === undefined) return () => undefined;
    const held = JSON.stringify([project, pipeline, idempotencyKey]);
    if (this.keysInFlight.has(held)) {
      throw new Conflict(
        'idempotency.in_flight',
        `A request with the idempotency key "${idempotencyKey}" is being taken right now. Send it again in a moment.`,
        { retryAfterMs: 100 },
      );
    }
    this.keysInFlight.add(held);
    return () => this.keysInFlight.delete(held);
  }

  private async commit(batches: readonly NewBatch[]): Promise<(AcceptReceipt | ChartlyError)[]> {
    const inserted = await insertBatches(this.database, batches);
    const doubtful = batches.filter((_, at) => !inserted[at]?.inserted);
    const known = await knownOf(this.database, doubtful);
    return batches.map((batch, at) => {
      const { version, inserted: isNew } = inserted[at]!; // an answer each
      if (isNew && version !== null) return receiptOf(batch, { ...batch, version });
      return answerTo(batch, known, version !== null);
    });
  }
}

async function hold(
  tx: EntityManager,
  batches: readonly { readonly batchId: string; readonly held?: string }[],
): Promise<void> {
  const held = batches.filter((batch) => batch.held !== undefined);
  if (held.length === 0) return;
  await tx.query(HOLD, [held.map(({ batchId }) => batchId), held.map((batch) => batch.held)]);
}

const HOLD = `
  UPDATE connector_hub.batches b SET held = g.held
  FROM unnest($1::uuid[], $2::text[]) AS g (batch_id, held)
  WHERE b.batch_id = g.batch_id`;

/** Nothing of a page is committed unless all of it is. */
const notAllTaken = (batches: number): Conflict =>
  new Conflict('pull.not_taken', `Not all of the ${batches} batches of a page could be taken; none was. Pull again.`);

import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Ids } from '#libs/clock/clock';
import { appendIdOf } from '#libs/contracts/append-id';
import { BatchOffer } from '#libs/contracts/jobs';
import { PipelineRef } from '#libs/contracts/pipeline-ref';
import { ReplayedSlice, ReplaySlice } from '#libs/contracts/replay';
import { TooManyRequests } from '#libs/errors/errors';
import { Segments } from '../archive/segments';
import { Backlog, Place } from '../inbox/backlog';
import { lockBatches } from '../inbox/batch-lock';
import { Dispatcher } from '../inbox/dispatcher';
import { PastBatch, PastBatches, RawHistory } from './raw-history';
import { ADVANCE, ANNOUNCED, BEGIN, COPY, HOLD_SEGMENTS, IN_FLIGHT, PUT_BACK, REOPEN, STATE } from './replay-sql';

const MIB = 2 ** 20;
/** What of one replay is on its way at once, so that new data finds its way beside it. */
const FLIGHT_MAX_BATCHES = 64;
const FLIGHT_MAX_BYTES = 32 * MIB;
const WAIT_MS = 200;
const BLOCKED_WAIT_MS = 1_000;

/** Somebody else moved what was to be taken: nothing was done, and the next slice sees it as it is then. */
class Overtaken extends Error {}

/**
 * Lets raw batches of the past go through the pipeline again. A batch becomes pending once more and takes the way that
 * every batch takes: offers, leases, retries, quarantine and the ledger are those of the inbox. How far the replay is,
 * and the batches it took up, are committed together; so it goes on after a crash where it was.
 */
@Injectable()
export class Replayer {
  constructor(
    private readonly database: DataSource,
    private readonly history: RawHistory,
    private readonly segments: Segments,
    private readonly backlog: Backlog,
    private readonly dispatcher: Dispatcher,
    private readonly ids: Ids,
  ) {}

  /** See `ConnectorHubContract.replay`. */
  async slice(request: ReplaySlice): Promise<ReplayedSlice> {
    const { runId, range, into } = request;
    await this.database.query(BEGIN, [runId, range.from, range.to]);
    const flight = await this.inFlight(runId);
    if (flight.batches >= FLIGHT_MAX_BATCHES / 2 || flight.bytes >= FLIGHT_MAX_BYTES / 2) {
      return this.progress(request, { waitMs: WAIT_MS });
    }
    const { afterId, untilId } = await this.state(runId);
    const past = await this.history.between(request, afterId, untilId, FLIGHT_MAX_BATCHES);
    const { batches, blocked } = into ? past : await this.upToAnnounced(past);
    if (batches.length === 0) {
      if (blocked) return this.progress(request, { waitMs: BLOCKED_WAIT_MS, waitingFor: blocked });
      return this.progress(request, { waitMs: flight.batches > 0 ? WAIT_MS : 0, read: true });
    }
    const chosen = await this.withoutLost(upTo(batches, FLIGHT_MAX_BYTES));
    let place: Place;
    try {
      place = this.backlog.take(into ?? request, sumOf(chosen.filter(hasRaw), 'bytes'));
    } catch (thrown) {
      if (!(thrown instanceof TooManyRequests)) throw thrown;
      return this.progress(request, {
        waitMs: thrown.details.retryAfterMs ?? WAIT_MS,
        waitingFor: 'room in the inbox',
      });
    }
    try {
      const offers = await this.database.transaction((tx) => this.take(tx, request, afterId, chosen));
      place.committed();
      for (const offer of offers) this.dispatcher.dispatch(offer);
    } catch (thrown) {
      place.released();
      if (!(thrown instanceof Overtaken)) throw thrown;
    }
    return this.progress(request, { waitMs: 0 });
  }

  /** Those before the first whose records are being retried out of quarantine. */
  private async upToAnnounced({ batches, blocked }: PastBatches): Promise<PastBatches> {
    const rows = await this.database.query<{ batchId: string }[]>(ANNOUNCED, [batches.map(({ batchId }) => batchId)]);
    const announced = new Set(rows.map(({ batchId }) => batchId));
    const first = batches.findIndex(({ batchId }) => announced.has(batchId));
    if (first < 0) return { batches, blocked };
    const reason = `a retry out of quarantine of batch ${batches[first]!.batchId}`; // found there
    return { batches: batches.slice(0, first), blocked: first === 0 ? reason : undefined };
  }

  /** A batch whose object is gone has its raw bytes no more: made pending, it would hold its pipeline up for ever. */
  private async withoutLost(batches: readonly PastBatch[]): Promise<PastBatch[]> {
    const there = new Map<string, boolean>();
    for (const segmentId of segmentsOf(batches)) there.set(segmentId, await this.segments.isThere(segmentId));
    return batches.map((batch) =>
      batch.segmentId === null || there.get(batch.segmentId) ? batch : { ...batch, hasRaw: false },
    );
  }

  private async take(
    tx: EntityManager,
    { runId, version, into }: ReplaySlice,
    afterId: string,
    batches: readonly PastBatch[],
  ): Promise<BatchOffer[]> {
    const raw = batches.filter(hasRaw);
    const [{ advanced }] = await tx.query<[{ advanced: number }]>(ADVANCE, [
      runId,
      afterId,
      batches.at(-1)!.batchId, // the caller chose some
      raw.length,
      sumOf(raw, 'count'),
      sumOf(raw, 'bytes'),
      batches.length - raw.length,
    ]);
    if (advanced !== 1) throw new Overtaken();
    const segments = segmentsOf(raw);
    const held = await tx.query<unknown[]>(HOLD_SEGMENTS, [segments]);
    if (held.length !== segments.length) throw new Overtaken();
    if (!into) await this.holdBatches(tx, raw);
    const offers = await (into ? this.copy(tx, runId, into, raw) : this.reopen(tx, runId, version, raw));
    if (offers.length !== raw.length) throw new Overtaken();
    return offers;
  }

  /** What a retry out of quarantine announced is in the books, or will not be appended, before its batch passes again. */
  private async holdBatches(tx: EntityManager, batches: readonly PastBatch[]): Promise<void> {
    const ids = batches.map(({ batchId }) => batchId);
    await lockBatches(tx, ids);
    const announced = await tx.query<unknown[]>(ANNOUNCED, [ids]);
    if (announced.length > 0) throw new Overtaken();
  }

  private async reopen(
    tx: EntityManager,
    runId: string,
    version: number,
    batches: readonly PastBatch[],
  ): Promise<BatchOffer[]> {
    const archived = batches.filter((batch) => batch.archived);
    await tx.query(PUT_BACK, [
      archived.map((batch) => JSON.stringify(batch.archived)),
      archived.map(({ segmentId }) => segmentId),
    ]);
    return tx.query<BatchOffer[]>(REOPEN, [
      batches.map(({ batchId }) => batchId),
      batches.map(({ generation }) => generation),
      batches.map(appendIdOf),
      version,
      runId,
    ]);
  }

  private async copy(
    tx: EntityManager,
    runId: string,
    { project, pipeline, version }: PipelineRef,
    batches: readonly PastBatch[],
  ): Promise<BatchOffer[]> {
    return tx.query<BatchOffer[]>(COPY, [
      batches.map(({ batchId }) => batchId),
      batches.map(() => this.ids.uuidv7()),
      batches.map(({ archived }) => (archived ? JSON.stringify(archived) : null)),
      batches.map(({ segmentId }) => segmentId),
      project,
      pipeline,
      version,
      runId,
    ]);
  }

  private async progress(
    { runId, range }: ReplaySlice,
    { waitMs, waitingFor, read = false }: { waitMs: number; waitingFor?: string; read?: boolean },
  ): Promise<ReplayedSlice> {
    const [{ batches, records, bytes, unavailable, afterMs }, flight] = [
      await this.state(runId),
      await this.inFlight(runId),
    ];
    const [from, to] = [Date.parse(range.from), Date.parse(range.to)];
    const percent = read
      ? 100
      : Math.min(99, Math.max(0, Math.floor((100 * (afterMs - from)) / Math.max(1, to - from))));
    return {
      ...{ batches, records, bytes, unavailable, percent, waitMs },
      pending: flight.batches,
      done: read && flight.batches === 0,
      ...(waitingFor === undefined ? {} : { waitingFor }),
    };
  }

  private async state(runId: string): Promise<ReplayState> {
    const [row] = await this.database.query<[ReplayState]>(STATE, [runId]);
    return row;
  }

  private async inFlight(runId: string): Promise<{ batches: number; bytes: number }> {
    const [row] = await this.database.query<[{ batches: number; bytes: number }]>(IN_FLIGHT, [runId]);
    return row;
  }
}

interface ReplayState {
  readonly afterId: string;
  readonly untilId: string;
  readonly afterMs: number;
  readonly batches: number;
  readonly records: number;
  readonly bytes: number;
  readonly unavailable: number;
}

const hasRaw = (batch: PastBatch): boolean => batch.hasRaw;

const segmentsOf = (batches: readonly PastBatch[]): string[] => [
  ...new Set(batches.flatMap(({ segmentId }) => segmentId ?? [])),
];

const sumOf = (batches: readonly PastBatch[], name: 'bytes' | 'count'): number =>
  batches.reduce((sum, batch) => sum + batch[name], 0);

/** The first of them, as many as weigh no more than `maxBytes` together; one at least. */
function upTo(batches: readonly PastBatch[], maxBytes: number): readonly PastBatch[] {
  let bytes = 0;
  const end = batches.findIndex((batch, at) => (bytes += batch.bytes) > maxBytes && at > 0);
  return end < 0 ? batches : batches.slice(0, end);
}

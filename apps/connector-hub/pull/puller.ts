import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '#libs/clock/clock';
import { PulledSlice, PullSlice } from '#libs/contracts/connector-hub.contract';
import { kindOf, Source } from '#libs/documents/source';
import { TooManyRequests, Unprocessable } from '#libs/errors/errors';
import { Redaction } from '#libs/secrets/redaction';
import { Opened, Secrets } from '#libs/secrets/secrets';
import { currentCall } from '#libs/transport/call-context';
import { Inbox } from '../inbox/inbox';
import { InstalledSources } from '../sources/installed-sources';
import { RecordPart, SourcePage } from '../sources/source-reader';
import { SourceReaders } from '../sources/source-readers';
import { Checkpoints, Lease, Reached } from './checkpoints';
import { DriftWatch, Judgement } from './drift-watch';
import { Drifts } from './drifts';

interface Tally {
  pages: number;
  records: number;
  batches: number;
  bytes: number;
}

/** Pulls sources of every kind, a bounded slice at a time. */
@Injectable()
export class Puller {
  private readonly logger = new Logger('Puller');

  constructor(
    private readonly sources: InstalledSources,
    private readonly readers: SourceReaders,
    private readonly checkpoints: Checkpoints,
    private readonly inbox: Inbox,
    private readonly clock: Clock,
    private readonly secrets: Secrets,
    private readonly drifts: Drifts,
  ) {}

  /** See `ConnectorHubContract.pull`. Whatever is thrown, the checkpoint stands behind the last page that was taken in. */
  async slice(asked: PullSlice): Promise<PulledSlice> {
    const opened = await this.withSecrets(asked, await this.sources.sourceOf(asked));
    const { lease, ...begun } = await this.checkpoints.claim(asked, kindOf(opened.value));
    try {
      return await this.pull(asked, opened, lease, begun);
    } catch (thrown) {
      throw this.readers.hiding(opened).error(thrown);
    } finally {
      await this.checkpoints.release(lease);
    }
  }

  /** The source as it is asked: with the values of its secrets, which stay in this slice. */
  private withSecrets({ project, pipeline }: PullSlice, source: Source): Promise<Opened<Source>> {
    return this.secrets.open(project, source, `Pipeline/${project}/${pipeline}`);
  }

  private async pull(
    asked: PullSlice,
    { value: source, redaction }: Opened<Source>,
    lease: Lease,
    begun: Reached,
  ): Promise<PulledSlice> {
    const tally: Tally = { pages: 0, records: 0, batches: 0, bytes: 0 };
    const until = this.now() + asked.sliceMs;
    const reader = this.readers.of(source);
    const decided = await this.drifts.decided(asked);
    const drift = new DriftWatch(source.drift, asked.version, begun.shape, decided);
    let { state } = begun;
    const ended = (done: boolean, waitMs: number): PulledSlice => {
      const cursor = reader.positionOf(state, source);
      const changes = drift.found.length === 0 ? {} : { drift: drift.found };
      return {
        ...tally,
        done,
        waitMs,
        ...(cursor === undefined ? {} : { cursor: redaction.text(cursor) }),
        ...changes,
      };
    };
    const finish = async (): Promise<PulledSlice> => {
      await this.learned(asked, lease, state, drift);
      return ended(true, 0);
    };
    const signal = currentCall().signal ?? new AbortController().signal;
    const reading = reader.read({ pipeline: asked, source, state, until, signal });
    try {
      for (;;) {
        const next = await reading.next();
        if (next.done) return next.value.done ? await finish() : ended(false, next.value.waitMs);
        const page = next.value;
        const judged = drift.judge(page.parts);
        if (judged.seen) await this.drifts.saw(asked, judged.seen);
        if (judged.refused) throw judged.refused;
        const waitMs = await this.take(asked, lease, page, judged);
        if (waitMs > 0) return ended(false, waitMs);
        drift.took(judged);
        ({ state } = page);
        count(tally, page, judged);
        await this.acknowledge(asked, page, redaction);
        if (page.isLast) return await finish();
        if (this.now() >= until) return ended(false, 0);
      }
    } finally {
      await reading.return({ done: false, waitMs: 0 });
    }
  }

  /** Takes a page in; 0, or how long to wait while the inbox is full. */
  private async take(
    asked: PullSlice,
    lease: Lease,
    page: SourcePage<object>,
    { parts, shape }: Judgement,
  ): Promise<number> {
    const { project, pipeline, version, runId } = asked;
    reconcile(page.count, parts);
    try {
      const prepared = await this.inbox.prepare(
        asked,
        parts.map((part) => ({ project, pipeline, version, runId, ...part })),
      );
      await this.checkpoints.advance(lease, { state: page.state, shape }, prepared);
      return 0;
    } catch (thrown) {
      if (thrown instanceof TooManyRequests) return thrown.details.retryAfterMs ?? 1_000;
      throw thrown;
    }
  }

  /** A finished pull has shown what the source's records look like. */
  private async learned(asked: PullSlice, lease: Lease, state: object, drift: DriftWatch): Promise<void> {
    const shape = drift.finished();
    if (shape) await this.checkpoints.advance(lease, { state, shape }, await this.inbox.prepare(asked, []));
  }

  /** The page is ours whatever the peer hears: one that does not hear it gives the page again. */
  private async acknowledge(
    { project, pipeline }: PullSlice,
    page: SourcePage<object>,
    redaction: Redaction,
  ): Promise<void> {
    try {
      await page.acknowledge?.();
    } catch (thrown) {
      const reason = redaction.text(thrown instanceof Error ? thrown.message : String(thrown));
      this.logger.warn(`${project}/${pipeline}: a page was taken in, and its source could not be told: ${reason}`);
    }
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

/** What the source gave and what becomes batches must be the same number of records. */
function reconcile(fetched: number, parts: readonly RecordPart[]): void {
  const accepted = parts.reduce((sum, part) => sum + part.count, 0);
  if (accepted === fetched) return;
  throw new Unprocessable(
    'pull.unreconciled',
    `The source gave ${fetched} records, and ${accepted} could be framed. Nothing of the page was taken, and the cursor was kept.`,
  );
}

function count(tally: Tally, page: SourcePage<object>, { parts }: Judgement): void {
  tally.pages += 1;
  tally.records += page.count;
  tally.batches += parts.length;
  tally.bytes += page.bytes;
}

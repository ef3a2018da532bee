import { Injectable } from '@nestjs/common';
import { setTimeout } from 'node:timers/promises';
import { Clock } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { PulledSlice, PullSlice } from '#libs/contracts/connector-hub.contract';
import { durationMs } from '#libs/documents/duration';
import { Retry } from '#libs/documents/schedule';
import { Source } from '#libs/documents/source';
import { TooManyRequests } from '#libs/errors/errors';
import { asChartlyError } from '#libs/errors/wire';
import { currentCall } from '#libs/transport/call-context';
import { AllowList } from '../egress/allow-list';
import { EgressGuard, EgressResponse } from '../egress/egress-guard';
import { Inbox } from '../inbox/inbox';
import { InstalledSources } from '../sources/installed-sources';
import { classify } from './answer-class';
import { Checkpoints, Lease } from './checkpoints';
import { Pace } from './pace';
import { Page, readPage } from './page';
import { afterPage, OpenPull, openPull, PullState, urlOf } from './pull-state';

const RETRY: Retry = { max: 5, backoff: 'exponential', initial: '500ms' };
const RETRY_MAX_MS = 60_000;

/** What came of asking for a page. */
type Asked =
  | { readonly kind: 'page'; readonly page: Page }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'wait'; readonly waitMs: number };

interface Tally {
  pages: number;
  records: number;
  batches: number;
  bytes: number;
}

/** Pulls sources, a bounded slice at a time. */
@Injectable()
export class Puller {
  private readonly guard: EgressGuard;
  private readonly pace = new Pace();
  /** Failures in a row, by pipeline. */
  private readonly failures = new Map<string, number>();

  constructor(
    private readonly sources: InstalledSources,
    private readonly checkpoints: Checkpoints,
    private readonly inbox: Inbox,
    private readonly clock: Clock,
    config: ChartlyConfig,
  ) {
    this.guard = new EgressGuard(AllowList.parse(config.egressAllow));
  }

  /** See `ConnectorHubContract.pull`. Whatever is thrown, the checkpoint stands behind the last page that was taken in. */
  async slice(asked: PullSlice): Promise<PulledSlice> {
    const source = await this.sources.sourceOf(asked);
    const { lease, state } = await this.checkpoints.claim(asked);
    try {
      return await this.pull(asked, source, lease, state);
    } finally {
      await this.checkpoints.release(lease);
    }
  }

  private async pull(asked: PullSlice, source: Source, lease: Lease, begun: PullState): Promise<PulledSlice> {
    const until = this.now() + asked.sliceMs;
    const tally: Tally = { pages: 0, records: 0, batches: 0, bytes: 0 };
    let state = begun;
    for (;;) {
      const pull = openPull(source, state, this.now());
      const answer = await this.ask(asked, source, state, pull, until);
      if (answer.kind === 'wait') return { ...tally, done: false, waitMs: answer.waitMs, ...cursorOf(state) };
      if (answer.kind === 'unchanged') return { ...tally, done: true, waitMs: 0, ...cursorOf(state) };
      const step = afterPage(source, state, pull, answer.page);
      const waitMs = await this.take(asked, lease, step.state, answer.page);
      if (waitMs > 0) return { ...tally, done: false, waitMs, ...cursorOf(state) };
      state = step.state;
      count(tally, answer.page);
      if (step.done) return { ...tally, done: true, waitMs: 0, ...cursorOf(state) };
      if (this.now() >= until) return { ...tally, done: false, waitMs: 0, ...cursorOf(state) };
    }
  }

  /** One page, however often it takes; or how long to wait, when that is longer than the slice. */
  private async ask(asked: PullSlice, source: Source, state: PullState, pull: OpenPull, until: number): Promise<Asked> {
    const name = `${asked.project}/${asked.pipeline}`;
    for (;;) {
      const waitMs = this.pace.take(name, source.limits?.rate, this.now());
      if (this.now() + waitMs > until) return this.later(name, waitMs);
      if (waitMs > 0) await setTimeout(waitMs, undefined, { signal: currentCall().signal });
      const answer = await this.request(source, state, pull);
      const verdict = classify(answer.status, single(answer.headers['retry-after']), this.now());
      if (verdict.kind === 'unchanged') return { kind: 'unchanged' };
      if (verdict.kind === 'page') {
        this.failures.delete(name);
        return { kind: 'page', page: readPage(source, answer.body, single(answer.headers.etag)) };
      }
      if (verdict.kind === 'throttled') this.pace.hold(name, this.now() + verdict.waitMs);
      else this.failed(name, verdict.error, source.limits?.retry ?? RETRY);
    }
  }

  private later(name: string, waitMs: number): Asked {
    this.pace.hold(name, this.now() + waitMs);
    return { kind: 'wait', waitMs };
  }

  private async request(
    source: Source,
    state: PullState,
    pull: OpenPull,
  ): Promise<Pick<EgressResponse, 'status' | 'headers' | 'body'>> {
    const url = urlOf(source, pull);
    const known: Record<string, string> =
      pull.before === undefined && state.etag?.url === url ? { 'if-none-match': state.etag.value } : {};
    try {
      return await this.guard.fetch(url, {
        method: source.http.method,
        headers: { accept: 'application/json, */*;q=0.5', ...source.http.headers, ...known },
        signal: currentCall().signal,
      });
    } catch (thrown) {
      const error = asChartlyError(thrown);
      if (!error.retryable || currentCall().signal?.aborted) throw thrown;
      return { status: 503, headers: {}, body: Buffer.from(error.message) }; // nobody answered: like a server that is down
    }
  }

  /** Waits longer after each failure in a row; throws what failed once there were too many, or at once what no wait mends. */
  private failed(name: string, error: ReturnType<typeof asChartlyError>, retry: Retry): void {
    const failures = (this.failures.get(name) ?? 0) + 1;
    this.failures.set(name, failures);
    if (!error.retryable || failures > retry.max) {
      this.failures.delete(name);
      throw error;
    }
    const first = durationMs(retry.initial ?? '500ms');
    const bound = retry.backoff === 'fixed' ? first : Math.min(RETRY_MAX_MS, first * 2 ** (failures - 1));
    this.pace.hold(name, this.now() + bound / 2 + (bound / 2) * Math.random());
  }

  /** Takes a page in; 0, or how long to wait while the inbox is full. */
  private async take(asked: PullSlice, lease: Lease, state: PullState, page: Page): Promise<number> {
    const { project, pipeline, version, runId } = asked;
    try {
      const prepared = await this.inbox.prepare(
        asked,
        page.parts.map(({ format, payload, count: records }) => ({
          project,
          pipeline,
          version,
          runId,
          format,
          payload,
          count: records,
        })),
      );
      await this.checkpoints.advance(lease, state, prepared);
      return 0;
    } catch (thrown) {
      if (thrown instanceof TooManyRequests) return thrown.details.retryAfterMs ?? 1_000;
      throw thrown;
    }
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

function count(tally: Tally, page: Page): void {
  tally.pages += 1;
  tally.records += page.count;
  tally.batches += page.parts.length;
  tally.bytes += page.body.length;
}

const cursorOf = ({ highWater }: PullState): { cursor?: string } =>
  highWater === undefined ? {} : { cursor: new Date(highWater).toISOString() };

const single = (header: string | string[] | undefined): string | undefined => [header].flat()[0];

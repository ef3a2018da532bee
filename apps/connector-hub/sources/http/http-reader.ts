import { Injectable } from '@nestjs/common';
import { setTimeout } from 'node:timers/promises';
import { Clock } from '#libs/clock/clock';
import { durationMs } from '#libs/documents/duration';
import { Retry } from '#libs/documents/schedule';
import { HttpPull } from '#libs/documents/sources/http';
import { ChartlyError } from '#libs/errors/errors';
import { asChartlyError } from '#libs/errors/wire';
import { EgressGuard, EgressResponse } from '../../egress/egress-guard';
import { ReadEnd, ReadRequest, SourcePage, SourceReader } from '../source-reader';
import { classify } from './answer-class';
import { Pace } from './pace';
import { Page, readPage } from './page';
import { afterPage, OpenPull, openPull, HttpState, urlOf } from './pull-state';

const RETRY: Retry = { max: 5, backoff: 'exponential', initial: '500ms' };
const RETRY_MAX_MS = 60_000;

/** What came of asking for a page. */
type Asked =
  | { readonly kind: 'page'; readonly page: Page }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'wait'; readonly waitMs: number };

type HttpRequest = ReadRequest<HttpPull, HttpState>;

/** Reads HTTP APIs, page by page. */
@Injectable()
export class HttpReader extends SourceReader<'http', HttpState> {
  private readonly pace = new Pace();
  /** Failures in a row, by pipeline. */
  private readonly failures = new Map<string, number>();

  constructor(
    private readonly guard: EgressGuard,
    private readonly clock: Clock,
  ) {
    super();
  }

  async *read(request: HttpRequest): AsyncGenerator<SourcePage<HttpState>, ReadEnd> {
    const { source } = request;
    let { state } = request;
    for (;;) {
      const pull = openPull(source, state, this.now());
      const answer = await this.ask(request, state, pull);
      if (answer.kind === 'wait') return { done: false, waitMs: answer.waitMs };
      if (answer.kind === 'unchanged') return { done: true };
      const { page } = answer;
      const step = afterPage(source, state, pull, page);
      yield { parts: page.parts, count: page.count, bytes: page.body.length, state: step.state };
      if (step.done) return { done: true };
      ({ state } = step);
    }
  }

  positionOf({ highWater }: Partial<HttpState>): string | undefined {
    return highWater === undefined ? undefined : new Date(highWater).toISOString();
  }

  /** One page, however often it takes; or how long to wait, when that is longer than the slice. */
  private async ask(request: HttpRequest, state: HttpState, pull: OpenPull): Promise<Asked> {
    const { source, until, signal } = request;
    const name = `${request.pipeline.project}/${request.pipeline.pipeline}`;
    for (;;) {
      const waitMs = this.pace.take(name, source.limits?.rate, this.now());
      if (this.now() + waitMs > until) return this.later(name, waitMs);
      if (waitMs > 0) await setTimeout(waitMs, undefined, { signal });
      const answer = await this.request(source, state, pull, signal);
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
    source: HttpPull,
    state: HttpState,
    pull: OpenPull,
    signal: AbortSignal,
  ): Promise<Pick<EgressResponse, 'status' | 'headers' | 'body'>> {
    const url = urlOf(source, pull);
    const known: Record<string, string> =
      pull.before === undefined && state.etag?.url === url ? { 'if-none-match': state.etag.value } : {};
    try {
      return await this.guard.fetch(url, {
        method: source.http.method,
        headers: { accept: 'application/json, */*;q=0.5', ...source.http.headers, ...known },
        signal,
      });
    } catch (thrown) {
      const error = asChartlyError(thrown);
      if (!error.retryable || signal.aborted) throw thrown;
      return { status: 503, headers: {}, body: Buffer.from(error.message) }; // nobody answered: like a server that is down
    }
  }

  /** Waits longer after each failure in a row; throws what failed once there were too many, or at once what no wait mends. */
  private failed(name: string, error: ChartlyError, retry: Retry): void {
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

  private now(): number {
    return this.clock.now().getTime();
  }
}

const single = (header: string | string[] | undefined): string | undefined => [header].flat()[0];

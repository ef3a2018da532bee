import { Injectable } from '@nestjs/common';
import { setTimeout } from 'node:timers/promises';
import { Clock } from '#libs/clock/clock';
import { PipelineName } from '#libs/contracts/pipeline-ref';
import { durationMs } from '#libs/documents/duration';
import { Retry } from '#libs/documents/schedule';
import { SourceLimits } from '#libs/documents/sources/common';
import { HttpSource } from '#libs/documents/sources/http';
import { ChartlyError, DeadlineExceeded, Unavailable, Unprocessable } from '#libs/errors/errors';
import { EgressGuard, EgressResponse } from '#libs/egress/egress-guard';
import { AnswerClass, classify } from './answer-class';
import { Breakers } from './breakers';
import { Credentials, sameOrigin } from './credentials';
import { Validators } from './http-state';
import { Pace } from './pace';
import { AnsweredBody } from './page';
import { HttpRequest } from './request';

const RETRY: Retry = { max: 5, backoff: 'exponential', initial: '500ms' };
const RETRY_MAX_MS = 60_000;

/** For whom and within what a request is made. */
export interface Asking {
  readonly pipeline: PipelineName;
  readonly limits?: SourceLimits;
  /** No wait goes beyond it. Milliseconds since 1970. */
  readonly until: number;
  readonly signal: AbortSignal;
}

export interface Answer extends AnsweredBody {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** What came of asking. */
export type Asked =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'wait'; readonly waitMs: number };

/** Asks sources: at the pace they allow, as whom they know, and again when that may help. */
@Injectable()
export class Asker {
  private readonly pace = new Pace();
  private readonly breakers = new Breakers();
  /** Failures in a row, by pipeline. */
  private readonly failures = new Map<string, number>();

  constructor(
    private readonly guard: EgressGuard,
    private readonly credentials: Credentials,
    private readonly clock: Clock,
  ) {}

  /**
   * One answer, however often it takes; or how long to wait, when that is longer than there is time. Throws what failed
   * once there were too many failures in a row, or at once what no wait mends: `pull.auth`, `pull.refused` and the
   * guard's own refusals.
   */
  async ask(asking: Asking, http: HttpSource, request: HttpRequest, validators?: Validators): Promise<Asked> {
    const { limits, until, signal } = asking;
    const name = `${asking.pipeline.project}/${asking.pipeline.pipeline}`;
    const { origin } = new URL(request.url);
    for (let tokens = 0; ;) {
      const waitMs = Math.max(this.pace.take(name, limits?.rate, this.now()), this.breakers.waitMs(origin, this.now()));
      if (this.now() + waitMs > until) return this.later(name, waitMs);
      if (waitMs > 0) {
        await setTimeout(waitMs, undefined, { signal });
        if (this.breakers.waitMs(origin, this.now()) > 0) continue;
      }
      const verdict = await this.once(asking, http, request, validators);
      this.count(origin, verdict);
      switch (verdict.kind) {
        case 'unchanged':
          return { kind: 'unchanged' };
        case 'page':
          this.failures.delete(name);
          return { kind: 'answer', answer: verdict.answer };
        case 'throttled':
          this.pace.hold(name, this.now() + verdict.waitMs);
          break;
        case 'transient':
          this.failed(name, verdict.error, limits?.retry ?? RETRY);
          break;
        case 'auth':
          if (tokens > 0 || !this.credentials.refused(http)) throw verdict.error;
          tokens += 1;
          break;
        case 'permanent':
          throw verdict.error;
      }
    }
  }

  /** The access tokens that a source was asked with. */
  tokensOf(http: HttpSource): readonly string[] {
    return this.credentials.tokensOf(http);
  }

  private async once(
    { signal }: Asking,
    http: HttpSource,
    request: HttpRequest,
    validators: Validators | undefined,
  ): Promise<Exclude<AnswerClass, { kind: 'page' }> | { readonly kind: 'page'; readonly answer: Answer }> {
    let response: EgressResponse;
    try {
      response = await this.sent(http, request, validators, signal);
    } catch (thrown) {
      const isAway = thrown instanceof Unavailable || thrown instanceof DeadlineExceeded;
      if (!isAway || signal.aborted) throw thrown;
      return { kind: 'transient', error: thrown };
    }
    const header = (name: string): string | undefined => [response.headers[name]].flat()[0];
    const verdict = classify(response.status, header('retry-after'), this.now());
    if (verdict.kind !== 'page') return verdict;
    const { status, body, url, headers } = response;
    const link = [headers.link].flat().join(', ');
    const answer = { body, url, noContent: NO_CONTENT.has(status), link, etag: header('etag') };
    return { kind: 'page', answer: { ...answer, lastModified: header('last-modified') } };
  }

  /** A page can name any URL as the next one: on another origin nobody hears who asks. */
  private async sent(
    http: HttpSource,
    request: HttpRequest,
    validators: Validators | undefined,
    signal: AbortSignal,
  ): Promise<EgressResponse> {
    const { method, headers, body } = request;
    if (!sameOrigin(http, request.url)) {
      if (body !== undefined) throw elsewhere(request.url);
      return this.guard.fetch(request.url, { method, headers, signal });
    }
    const { url, credentials } = await this.credentials.of(http, request, signal);
    return this.guard.fetch(url, {
      method,
      headers: { ...headers, ...conditions(validators) },
      credentials,
      body,
      signal,
    });
  }

  private count(origin: string, { kind }: AnswerClass): void {
    if (kind === 'transient') this.breakers.failed(origin, this.now());
    else this.breakers.succeeded(origin);
  }

  private later(name: string, waitMs: number): Asked {
    this.pace.hold(name, this.now() + waitMs);
    return { kind: 'wait', waitMs };
  }

  /** Waits longer after each failure in a row. */
  private failed(name: string, error: ChartlyError, retry: Retry): void {
    const failures = (this.failures.get(name) ?? 0) + 1;
    this.failures.set(name, failures);
    if (failures > retry.max) {
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

const NO_CONTENT = new Set([204, 205]);

const conditions = ({ etag, lastModified }: Partial<Validators> = {}): Record<string, string> => ({
  ...(etag === undefined ? {} : { 'if-none-match': etag }),
  ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
});

const elsewhere = (url: string): Unprocessable =>
  new Unprocessable(
    'pull.other_origin',
    `The source names a next page on ${new URL(url).host}. Its request has a body, which is not sent to another host.`,
  );

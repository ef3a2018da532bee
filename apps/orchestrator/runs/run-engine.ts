import { BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { setTimeout } from 'node:timers/promises';
import { Clock } from '#libs/clock/clock';
import { durationMs } from '#libs/documents/duration';
import { Retry } from '#libs/documents/schedule';
import { asChartlyError } from '#libs/errors/wire';
import { Periodic } from '#libs/queue/periodic';
import { withCall } from '#libs/transport/call-context';
import { DocumentLibrary } from '../documents/library';
import { RunRecord } from './run.entity';
import { LeaseLost, RunBook } from './run-book';
import { afterFailure, closed, DEFAULT_RETRY, next, StepRecord } from './run-state';
import { RunMetrics } from './run-metrics';
import { RunSteps } from './run-steps';

export const CONCURRENT_RUNS = 16;
const TIMEOUT = '1h';
/** A replay of months takes days, and a service that is away for an hour does not end it. */
const REPLAY_TIMEOUT = '90d';
const REPLAY_RETRY: Retry = { max: 50, backoff: 'exponential', initial: '1s' };
/** A wait longer than this lets go of the run, so that no process is bound to it. */
const HOLD_MS = 2_000;
/** Well within the lease; also how soon a cancel that another process took is seen here. */
const RENEW_MS = 3_000;

interface Limits {
  readonly timeoutMs: number;
  readonly retry: Retry;
}

/** A run in this process's hands. */
interface HeldRun extends Limits {
  readonly run: RunRecord;
  /** How far the database's clock is ahead of this process's. Unit: milliseconds. */
  readonly aheadMs: number;
  readonly signal: AbortSignal;
}

/** Carries runs forward, from wherever they stand, under a lease that a later claimant takes over. */
@Injectable()
export class RunEngine implements BeforeApplicationShutdown {
  private readonly logger = new Logger('RunEngine');
  private readonly going = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();
  private stopped = false;

  constructor(
    private readonly book: RunBook,
    private readonly steps: RunSteps,
    private readonly library: DocumentLibrary,
    private readonly clock: Clock,
    private readonly metrics: RunMetrics,
  ) {}

  /** Takes a run in hand, unless it is in hand already or this process has enough of them. */
  take(id: string): void {
    if (this.stopped || this.going.has(id) || this.going.size >= CONCURRENT_RUNS) return;
    const abort = new AbortController();
    const done = this.claim(id, abort)
      .catch((thrown: unknown) => {
        if (thrown instanceof LeaseLost || abort.signal.aborted) return; // somebody else has it, or it was told to stop
        this.logger.error(`Run ${id} stopped and will be taken up again: ${describe(thrown)}`);
      })
      .finally(() => this.going.delete(id));
    this.going.set(id, { abort, done });
  }

  /** Interrupts what the run is doing here, so that a cancel is seen at once. */
  interrupt(id: string): void {
    this.going.get(id)?.abort.abort();
  }

  /** Rule 40: lets go of the runs; whoever comes next goes on at their last finished piece. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    for (const { abort } of this.going.values()) abort.abort();
    await Promise.all([...this.going.values()].map(({ done }) => done));
  }

  private async claim(id: string, abort: AbortController): Promise<void> {
    const claimed = await this.book.claim(id);
    if (!claimed) return;
    const { run } = claimed;
    this.metrics.claimed(run);
    const lease = new Periodic('RunLease', RENEW_MS, async () => {
      const kept = await this.book.renew(run);
      if (!kept || kept.cancelRequested) abort.abort();
    }).start();
    const aheadMs = claimed.now.getTime() - this.clock.now().getTime();
    try {
      await this.carry({ run, aheadMs, signal: abort.signal, ...(await this.limitsOf(run)) });
    } finally {
      await lease.stop();
    }
  }

  private async carry(held: HeldRun): Promise<void> {
    const { run, timeoutMs } = held;
    const deadline = (run.startedAt?.getTime() ?? this.now(held)) + timeoutMs;
    let steps: readonly StepRecord[] = run.steps;
    let { cancelRequested } = run;
    for (let turn = 0; ; turn += 1) {
      const decision = next({ steps, cancelRequested, deadline }, this.now(held));
      if (decision.kind === 'end') return this.book.end(run, closed(steps), decision.state, decision.reason);
      if (decision.kind === 'wait' || this.stopped) {
        return this.book.release(run, steps, new Date(decision.kind === 'wait' ? decision.until : this.now(held)));
      }
      const step = steps.find(({ name }) => name === decision.step)!; // `next` named one of them
      const replaced = (by: StepRecord): StepRecord[] => steps.map((one) => (one.name === by.name ? by : one));
      const begun = begin(step, new Date(this.now(held)));
      if (step.state !== 'running') {
        turn = 0;
        steps = replaced(begun);
        ({ cancelRequested } = await this.book.save(run, steps)); // an attempt is known before it can end us
        if (cancelRequested) continue;
      }
      steps = replaced(await this.advance(held, begun, turn, deadline));
      ({ cancelRequested } = await this.book.save(run, steps));
    }
  }

  /** The step after one piece of its work. */
  private async advance(held: HeldRun, step: StepRecord, turn: number, deadline: number): Promise<StepRecord> {
    const { run, signal, retry, aheadMs } = held;
    try {
      const context = { principal: SCHEDULER, signal, deadline: deadline - aheadMs };
      const { done, counts, waitMs, notes } = await withCall(context, () =>
        this.steps.advance(step.name, run, step.counts, turn, signal),
      );
      const told = { ...step, counts, ...noted(step.notes, notes) };
      if (done) return { ...told, state: 'succeeded', endedAt: new Date(this.now(held)).toISOString() };
      if (waitMs > HOLD_MS) return { ...told, resumeAt: this.now(held) + waitMs };
      if (waitMs > 0) await pause(waitMs, signal);
      return told;
    } catch (thrown) {
      if (signal.aborted) return step;
      const error = asChartlyError(thrown);
      if (error.status === 500)
        this.logger.error(`Run ${run.id}, step ${step.name}: ${describe(error.details.cause ?? error)}`);
      const message = error.status === 500 ? messageOf(error.details.cause ?? error) : error.message;
      const failure = { message, retryable: error.retryable || error.status === 500 || error.code === 'pull.busy' };
      return afterFailure(step, failure, retry, this.now(held), Math.random());
    }
  }

  private async limitsOf({ project, pipeline, version, replay }: RunRecord): Promise<Limits> {
    if (replay) return { timeoutMs: durationMs(REPLAY_TIMEOUT), retry: REPLAY_RETRY };
    const frozen = await this.library.version(project, 'Pipeline', pipeline, version);
    const schedule = frozen?.resolved?.spec.schedule;
    return { timeoutMs: durationMs(schedule?.timeout ?? TIMEOUT), retry: schedule?.retry ?? DEFAULT_RETRY };
  }

  /** The database's time, as far as this process's clock is from it: leases and deadlines are kept by that. */
  private now({ aheadMs }: HeldRun): number {
    return this.clock.now().getTime() + aheadMs;
  }
}

const SCHEDULER = { kind: 'service', id: 'orchestrator', name: 'orchestrator', grants: [] } as const;

/** A step as an attempt begins: a piece of an attempt that goes on is not a new one. */
function begin(step: StepRecord, now: Date): StepRecord {
  const goesOn = step.state === 'running';
  return {
    ...step,
    state: 'running',
    attempts: goesOn ? step.attempts : step.attempts + 1,
    startedAt: step.startedAt ?? now.toISOString(),
    resumeAt: undefined,
  };
}

const NOTES_MAX = 50;

/** What was to be known before, and what is now; each once. */
const noted = (before: readonly string[] = [], now: readonly string[] = []): { notes?: string[] } =>
  before.length + now.length === 0 ? {} : { notes: [...new Set([...before, ...now])].slice(0, NOTES_MAX) };

const pause = (ms: number, signal: AbortSignal): Promise<void> => setTimeout(ms, undefined, { signal });

const describe = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

import { BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { setTimeout } from 'node:timers/promises';
import { Clock } from '#libs/clock/clock';
import { RunStepName } from '#libs/contracts/orchestrator.contract';
import { durationMs } from '#libs/documents/duration';
import { Retry } from '#libs/documents/pipeline';
import { asChartlyError } from '#libs/errors/wire';
import { withCall } from '#libs/transport/call-context';
import { DocumentLibrary } from '../documents/library';
import { RunRecord } from './run.entity';
import { LeaseLost, RunBook } from './run-book';
import { afterFailure, closed, DEFAULT_RETRY, next, StepRecord } from './run-state';
import { RunSteps } from './run-steps';

export const CONCURRENT_RUNS = 16;
const TIMEOUT = '1h';
/** A wait longer than this lets go of the run, so that no process is bound to it. */
const HOLD_MS = 2_000;

interface Limits {
  readonly timeoutMs: number;
  readonly retry: Retry;
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
  ) {}

  /** Takes a run in hand, unless it is in hand already or this process has enough of them. */
  take(id: string): void {
    if (this.stopped || this.going.has(id) || this.going.size >= CONCURRENT_RUNS) return;
    const abort = new AbortController();
    const done = this.carry(id, abort.signal)
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

  private async carry(id: string, signal: AbortSignal): Promise<void> {
    const run = await this.book.claim(id);
    if (!run) return;
    const { timeoutMs, retry } = await this.limitsOf(run);
    const deadline = (run.startedAt ?? this.clock.now()).getTime() + timeoutMs;
    let steps: readonly StepRecord[] = run.steps;
    let { cancelRequested } = run;
    for (let turn = 0; ; turn += 1) {
      const decision = next({ steps, cancelRequested, deadline }, this.now());
      if (decision.kind === 'end') return this.book.end(run, closed(steps), decision.state, decision.reason);
      if (decision.kind === 'wait' || this.stopped) {
        return this.book.release(run, steps, new Date(decision.kind === 'wait' ? decision.until : this.now()));
      }
      const before = steps.find(({ name }) => name === decision.step);
      steps = await this.advance(run, steps, decision.step, turn, retry, signal);
      const after = steps.find(({ name }) => name === decision.step);
      if (before?.state !== after?.state) turn = 0;
      ({ cancelRequested } = await this.book.save(run, steps));
    }
  }

  private async advance(
    run: RunRecord,
    steps: readonly StepRecord[],
    name: RunStepName,
    turn: number,
    retry: Retry,
    signal: AbortSignal,
  ): Promise<StepRecord[]> {
    const step = begun(
      steps.find((one) => one.name === name)!,
      this.clock.now(),
    ); // `next` named one of them
    const replaced = (by: StepRecord): StepRecord[] => steps.map((one) => (one.name === name ? by : one));
    try {
      const context = { principal: SCHEDULER, signal };
      const { done, counts, waitMs } = await withCall(context, () =>
        this.steps.advance(name, run, step.counts, turn, signal),
      );
      if (done) return replaced({ ...step, counts, state: 'succeeded', endedAt: this.clock.now().toISOString() });
      if (waitMs > HOLD_MS) return replaced({ ...step, counts, resumeAt: this.now() + waitMs });
      if (waitMs > 0) await pause(waitMs, signal);
      return replaced({ ...step, counts });
    } catch (thrown) {
      if (signal.aborted) return replaced(step);
      const error = asChartlyError(thrown);
      if (error.status === 500)
        this.logger.error(`Run ${run.id}, step ${name}: ${describe(error.details.cause ?? error)}`);
      const message = error.status === 500 ? messageOf(error.details.cause ?? error) : error.message;
      const failure = { message, retryable: error.retryable || error.status === 500 || error.code === 'pull.busy' };
      return replaced(afterFailure(step, failure, retry, this.now(), Math.random()));
    }
  }

  private async limitsOf({ project, pipeline, version }: RunRecord): Promise<Limits> {
    const frozen = await this.library.version(project, 'Pipeline', pipeline, version);
    const schedule = frozen?.resolved?.spec.schedule;
    return { timeoutMs: durationMs(schedule?.timeout ?? TIMEOUT), retry: schedule?.retry ?? DEFAULT_RETRY };
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

const SCHEDULER = { kind: 'service', id: 'orchestrator', name: 'orchestrator', grants: [] } as const;

/** A step as an attempt begins: a piece of an attempt that goes on is not a new one. */
function begun(step: StepRecord, now: Date): StepRecord {
  const goesOn = step.state === 'running';
  return {
    ...step,
    state: 'running',
    attempts: goesOn ? step.attempts : step.attempts + 1,
    startedAt: step.startedAt ?? now.toISOString(),
    resumeAt: undefined,
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<void> => setTimeout(ms, undefined, { signal });

const describe = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

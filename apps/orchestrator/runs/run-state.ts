import { RunState, RunStep, RunStepName } from '#libs/contracts/orchestrator.contract';
import { Retry } from '#libs/documents/schedule';
import { durationMs } from '#libs/documents/duration';

/** What is kept of a step, beside what callers see: when it may go on. */
export interface StepRecord extends RunStep {
  /** Milliseconds since 1970; a step that waits for a retry or a rate limit. */
  readonly resumeAt?: number;
}

export interface RunFacts {
  readonly steps: readonly StepRecord[];
  readonly cancelRequested: boolean;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

/** What a run does next. */
export type Next =
  | { readonly kind: 'step'; readonly step: RunStepName }
  | { readonly kind: 'wait'; readonly until: number }
  | {
      readonly kind: 'end';
      readonly state: Extract<RunState, 'succeeded' | 'failed' | 'cancelled'>;
      readonly reason?: string;
    };

export const DEFAULT_RETRY: Retry = { max: 3, backoff: 'exponential', initial: '1s' };
const RETRY_MAX_MS = 300_000;

const PULL_STEPS = ['pull', 'normalize', 'refresh'] as const satisfies readonly RunStepName[];
const REPLAY_STEPS = ['replay', 'normalize', 'refresh'] as const satisfies readonly RunStepName[];

export const newSteps = (kind: 'pull' | 'replay' = 'pull'): StepRecord[] =>
  (kind === 'pull' ? PULL_STEPS : REPLAY_STEPS).map((name) => ({ name, state: 'waiting', attempts: 0, counts: {} }));

/** Decides from what is known alone: no clock, no database. */
export function next({ steps, cancelRequested, deadline }: RunFacts, now: number): Next {
  const failed = steps.find(({ state }) => state === 'failed');
  if (failed) return { kind: 'end', state: 'failed', reason: `${failed.name}: ${failed.error ?? 'it failed'}` };
  const open = steps.find(({ state }) => state !== 'succeeded');
  if (!open) return { kind: 'end', state: 'succeeded' };
  if (cancelRequested) return { kind: 'end', state: 'cancelled', reason: 'somebody asked it to stop' };
  if (now >= deadline)
    return { kind: 'end', state: 'failed', reason: `${open.name} was not done when the run's time was up` };
  if (open.resumeAt !== undefined && open.resumeAt > now)
    return { kind: 'wait', until: Math.min(open.resumeAt, deadline) };
  return { kind: 'step', step: open.name };
}

/** A step after an attempt failed: to be tried again, or failed for good. */
export function afterFailure(
  step: StepRecord,
  error: { readonly message: string; readonly retryable: boolean },
  retry: Retry,
  now: number,
  random: number,
): StepRecord {
  const failed = { ...step, error: error.message };
  if (!error.retryable || step.attempts > retry.max) {
    return { ...failed, state: 'failed', endedAt: new Date(now).toISOString(), resumeAt: undefined };
  }
  return { ...failed, state: 'retrying', resumeAt: now + retryDelayMs(step.attempts, retry, random) };
}

/** Full jitter over the exponential bound, so that runs which failed together do not come back together. */
export function retryDelayMs(attempts: number, { backoff, initial }: Retry, random: number): number {
  const first = durationMs(initial ?? '1s');
  if (backoff === 'fixed') return first;
  const bound = Math.min(RETRY_MAX_MS, first * 2 ** (attempts - 1));
  return Math.round(bound / 2 + (bound / 2) * random);
}

/** The run's steps when it ends before its work is done: what was open is cancelled. */
export function closed(steps: readonly StepRecord[]): StepRecord[] {
  return steps.map((step) =>
    step.state === 'succeeded' || step.state === 'failed' ? step : { ...step, state: 'cancelled', resumeAt: undefined },
  );
}

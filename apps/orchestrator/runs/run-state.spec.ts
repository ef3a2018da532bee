import fc from 'fast-check';
import { afterFailure, closed, next, newSteps, retryDelayMs, StepRecord } from './run-state';

const NOW = 1_000_000;
const facts = (steps: readonly StepRecord[], more: object = {}) => ({
  steps,
  cancelRequested: false,
  deadline: NOW + 60_000,
  ...more,
});
const done = (step: StepRecord): StepRecord => ({ ...step, state: 'succeeded' });

describe('next', () => {
  it('goes on at the first step that is not done, whatever crash came before', () => {
    const [pull, normalize, refresh] = newSteps() as [StepRecord, StepRecord, StepRecord];
    expect(next(facts([pull, normalize, refresh]), NOW)).toEqual({ kind: 'step', step: 'pull' });
    expect(next(facts([done(pull), { ...normalize, state: 'running' }, refresh]), NOW)).toEqual({
      kind: 'step',
      step: 'normalize',
    });
    expect(next(facts([done(pull), done(normalize), done(refresh)]), NOW)).toEqual({ kind: 'end', state: 'succeeded' });
  });

  it('ends when it is cancelled or its time is up, but not once all is done', () => {
    const steps = newSteps();
    expect(next(facts(steps, { cancelRequested: true }), NOW)).toMatchObject({ kind: 'end', state: 'cancelled' });
    expect(next(facts(steps, { deadline: NOW }), NOW)).toMatchObject({ kind: 'end', state: 'failed' });
    expect(next(facts(steps.map(done), { cancelRequested: true, deadline: 0 }), NOW)).toMatchObject({
      state: 'succeeded',
    });
  });

  it('waits for a retry, and never past the deadline', () => {
    const [pull, ...others] = newSteps() as [StepRecord, ...StepRecord[]];
    const retrying: StepRecord = { ...pull, state: 'retrying', resumeAt: NOW + 90_000 };
    expect(next(facts([retrying, ...others]), NOW)).toEqual({ kind: 'wait', until: NOW + 60_000 });
  });
});

describe('afterFailure', () => {
  const [pull] = newSteps() as [StepRecord];
  const retry = { max: 2 };

  it('tries a passing trouble again, max times, and then fails', () => {
    const error = { message: 'away', retryable: true };
    expect(afterFailure({ ...pull, attempts: 1 }, error, retry, NOW, 0).state).toBe('retrying');
    expect(afterFailure({ ...pull, attempts: 2 }, error, retry, NOW, 0).state).toBe('retrying');
    expect(afterFailure({ ...pull, attempts: 3 }, error, retry, NOW, 0).state).toBe('failed');
  });

  it('fails at once on what no retry mends', () => {
    expect(afterFailure({ ...pull, attempts: 1 }, { message: 'gone', retryable: false }, retry, NOW, 0).state).toBe(
      'failed',
    );
  });

  it('waits longer each time, with jitter, and never over five minutes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, random) => {
        const delay = retryDelayMs(attempts, { max: 30 }, random);
        const bound = Math.min(300_000, 1_000 * 2 ** (attempts - 1));
        expect(delay).toBeGreaterThanOrEqual(Math.floor(bound / 2));
        expect(delay).toBeLessThanOrEqual(bound);
      }),
    );
  });
});

it('a run that ends early keeps what its steps had done', () => {
  const [pull, normalize] = newSteps() as [StepRecord, StepRecord];
  expect(closed([done(pull), normalize]).map(({ state }) => state)).toEqual(['succeeded', 'cancelled']);
});

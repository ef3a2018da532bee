import { Awaited, Due } from './due';

describe('what is waited for', () => {
  let due: Due;
  let expired: string[];
  const one = (name: string): Awaited => ({ expire: () => expired.push(name) });

  beforeEach(() => {
    jest.useFakeTimers();
    [due, expired] = [new Due(), []];
  });
  afterEach(() => jest.useRealTimers());

  it('expires once its time is over, the shorter before the longer, and once', () => {
    due.add(one('long'), 1_000);
    due.add(one('short'), 200);
    jest.advanceTimersByTime(150);
    expect(expired).toEqual([]);
    jest.advanceTimersByTime(100);
    expect(expired).toEqual(['short']);
    jest.advanceTimersByTime(5_000);
    expect(expired).toEqual(['short', 'long']);
  });

  it('does not expire when it is done before', () => {
    const [first, second] = [one('first'), one('second')];
    due.add(first, 200);
    due.add(second, 200);
    due.done(first, 200);
    due.done(first, 200);
    jest.advanceTimersByTime(1_000);
    expect(expired).toEqual(['second']);
  });

  it('looks at nothing while nothing is waited for, and again when something is', () => {
    due.add(one('a'), 100);
    jest.advanceTimersByTime(1_000);
    expect(jest.getTimerCount()).toBe(0);
    due.add(one('b'), 100);
    jest.advanceTimersByTime(1_000);
    expect(expired).toEqual(['a', 'b']);
  });
});

import { DeadlineExceeded, Unavailable } from '#libs/errors/errors';
import { OpenStreams } from './open-streams';

/** A stream of numbers that tells when it lets go. */
function numbers(): { stream: AsyncGenerator<number>; letGo: Promise<void> } {
  const { promise: letGo, resolve } = deferred();
  async function* count(): AsyncGenerator<number> {
    try {
      for (let at = 0; ; at += 1) yield await Promise.resolve(at);
    } finally {
      resolve();
    }
  }
  return { stream: count(), letGo };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

describe('streams that hold something open', () => {
  it('end when nobody takes the next part, and say so to who comes back (rule 9)', async () => {
    const { stream, letGo } = numbers();
    const taken = new OpenStreams(1).of(stream, () => 8);
    expect((await taken.next()).value).toBe(0);
    await letGo;
    await expect(taken.next()).rejects.toThrow(DeadlineExceeded);
  });

  it('are so many and no more; who leaves makes room', async () => {
    const streams = new OpenStreams();
    const open = Array.from({ length: 4 }, () => streams.of(numbers().stream, () => 8));
    for (const one of open) await one.next();
    await expect(streams.of(numbers().stream, () => 8).next()).rejects.toThrow(Unavailable);
    await open[0]?.return(undefined);
    expect((await streams.of(numbers().stream, () => 8).next()).value).toBe(0);
  });

  it('make room when they are ended, though nobody comes back for them (rule 9)', async () => {
    const streams = new OpenStreams(1);
    const left = Array.from({ length: 4 }, numbers);
    for (const { stream } of left) await streams.of(stream, () => 8).next();
    await Promise.all(left.map(({ letGo }) => letGo));
    expect((await streams.of(numbers().stream, () => 8).next()).value).toBe(0);
  });

  it('all end at a shutdown', async () => {
    const streams = new OpenStreams();
    const { stream, letGo } = numbers();
    const taken = streams.of(stream, () => 8);
    await taken.next();
    await streams.close();
    await letGo;
    await expect(taken.next()).rejects.toThrow(Unavailable);
  });

  describe('that are taken slowly', () => {
    const PART_BYTES = 100_000;
    let nowMs: number;
    let streams: OpenStreams;
    beforeEach(() => {
      nowMs = 0;
      streams = new OpenStreams(undefined, () => nowMs);
    });
    const taken = (source = numbers().stream): AsyncGenerator<number> => streams.of(source, () => PART_BYTES);
    /** Takes a part, and is away for some time after it. */
    const take = async (stream: AsyncGenerator<number>, awayMs: number): Promise<void> => {
      await stream.next();
      nowMs += awayMs;
    };

    it('go on while nobody waits for their place', async () => {
      const slow = taken();
      for (let part = 0; part < 10; part += 1) await take(slow, 59_000);
      expect((await slow.next()).value).toBe(10);
    });

    it('make room for who comes while all places are taken, the slowest first (rule 9)', async () => {
      const { stream, letGo } = numbers();
      const [slow, slowest, quick, other] = [taken(), taken(stream), taken(), taken()];
      await take(quick, 0);
      await take(other, 0);
      await take(slow, 0);
      await take(slowest, 0);
      for (let part = 0; part < 100; part += 1) {
        await take(quick, 500); // 200 kB/s
        if (part % 50 === 0) await take(slow, 0);
        await take(other, 500);
      }
      expect((await taken().next()).value).toBe(0);
      await letGo;
      await expect(slowest.next()).rejects.toMatchObject({ code: 'export.too_slow' });
      expect((await slow.next()).done).toBe(false);
      expect((await quick.next()).done).toBe(false);
    });

    it('are told so at their next part while another that has a place waits for the engine', async () => {
      const slow = taken();
      await take(slow, 59_000);
      await take(slow, 59_000);
      const begun = deferred();
      async function* never(): AsyncGenerator<number> {
        begun.resolve();
        yield await new Promise<number>(() => undefined);
      }
      void taken(never()).next();
      await begun.promise;
      await expect(slow.next()).rejects.toMatchObject({ code: 'export.too_slow' });
    });

    it.each([
      ['end for who was refused a little while ago', 30_000, 'export.too_slow'],
      ['go on when who was refused is long gone', 0, undefined],
    ])('%s', async (_, refusedAtMs, code) => {
      const open = Array.from({ length: 4 }, () => taken());
      for (const one of open) await one.next();
      nowMs = refusedAtMs;
      await expect(taken().next()).rejects.toMatchObject({ code: 'query.busy' });
      nowMs = 59_000;
      await open[0]?.next();
      nowMs = 61_000;
      const next = open[0]?.next();
      if (code) await expect(next).rejects.toMatchObject({ code });
      else await expect(next).resolves.toMatchObject({ done: false });
    });

    it('are not slow for the time that the engine takes', async () => {
      const { promise: ready, resolve } = deferred();
      async function* late(): AsyncGenerator<number> {
        yield await Promise.resolve(0);
        await ready;
        yield 1;
      }
      const stream = taken(late());
      const others = Array.from({ length: 3 }, () => taken());
      await stream.next();
      const second = stream.next();
      for (const one of others) await one.next();
      nowMs += 50_000;
      for (const one of others) await one.next();
      nowMs += 50_000;
      resolve();
      expect((await second).value).toBe(1);
      nowMs += 1_000;
      expect((await stream.next()).done).toBe(true);
    });
  });
});

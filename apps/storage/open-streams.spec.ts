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
    const taken = new OpenStreams(1).of(stream);
    expect((await taken.next()).value).toBe(0);
    await letGo;
    await expect(taken.next()).rejects.toThrow(DeadlineExceeded);
  });

  it('are so many and no more; who leaves makes room', async () => {
    const streams = new OpenStreams();
    const open = Array.from({ length: 4 }, () => streams.of(numbers().stream));
    for (const one of open) await one.next();
    await expect(streams.of(numbers().stream).next()).rejects.toThrow(Unavailable);
    await open[0]?.return(undefined);
    expect((await streams.of(numbers().stream).next()).value).toBe(0);
  });

  it('make room when they are ended, though nobody comes back for them (rule 9)', async () => {
    const streams = new OpenStreams(1);
    const left = Array.from({ length: 4 }, numbers);
    for (const { stream } of left) await streams.of(stream).next();
    await Promise.all(left.map(({ letGo }) => letGo));
    expect((await streams.of(numbers().stream).next()).value).toBe(0);
  });

  it('all end at a shutdown', async () => {
    const streams = new OpenStreams();
    const { stream, letGo } = numbers();
    const taken = streams.of(stream);
    await taken.next();
    await streams.close();
    await letGo;
    await expect(taken.next()).rejects.toThrow(Unavailable);
  });
});

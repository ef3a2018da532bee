import type { FastifyReply } from 'fastify';
import { StreamEvent } from '#libs/event-stream/event-stream';
import { Readiness } from '#libs/telemetry/readiness';
import { BadRequest } from '#libs/errors/errors';
import { WatchedStreams } from './watched-streams';

const reply = { headers: () => undefined } as unknown as FastifyReply; // these alone are set

/** Counts what is asked of it, without end. */
function endless() {
  const seen = { asked: 0, ended: false };
  async function* events(signal: AbortSignal): AsyncGenerator<StreamEvent> {
    try {
      while (!signal.aborted) {
        seen.asked += 1;
        yield await Promise.resolve({ data: 'x'.repeat(1_000) });
      }
    } finally {
      seen.ended = true;
    }
  }
  return { seen, events };
}

describe('a stream that somebody watches', () => {
  it('holds no more for a slow reader than a few kilobytes', async () => {
    const { seen, events } = endless();
    const stream = new WatchedStreams(new Readiness()).answer(reply, events).getStream();
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    await reader.next();
    for (let before = -1, quiet = 0; quiet < 20; before = seen.asked) {
      quiet = before === seen.asked ? quiet + 1 : 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen.asked).toBeGreaterThan(0);
    expect(seen.asked).toBeLessThan(200);
    stream.destroy();
  });

  it('ends when the process drains, and says when to come back', async () => {
    const readiness = new Readiness();
    const { seen, events } = endless();
    const stream = new WatchedStreams(readiness).answer(reply, events).getStream();
    const pieces: string[] = [];
    for await (const piece of stream) {
      pieces.push(String(piece));
      if (pieces.length === 3) readiness.drain();
    }
    expect(seen.ended).toBe(true);
    expect(pieces.join('')).toMatch(/^retry: 2000\n\n[\s\S]*: ends here; come back\nretry: 2000\n\n$/);
  });

  it('tells its reader why it cannot go on', async () => {
    async function* events(): AsyncGenerator<StreamEvent> {
      yield await Promise.resolve({ data: 'first' });
      throw new BadRequest('a.code', 'A sentence.');
    }
    const stream = new WatchedStreams(new Readiness()).answer(reply, events).getStream();
    const pieces: string[] = [];
    for await (const piece of stream) pieces.push(String(piece));
    expect(pieces.join('')).toContain('event: problem\ndata: {"code":"a.code","detail":"A sentence."}\n\n');
  });

  it('is refused beyond two hundred, until one of them ends', async () => {
    const streams = new WatchedStreams(new Readiness());
    const open = Array.from({ length: 200 }, () => streams.answer(reply, endless().events).getStream());
    expect(() => streams.answer(reply, endless().events)).toThrow(/200 streams are open/);
    const closed = new Promise((resolve) => open[0]!.once('close', resolve));
    open[0]!.destroy();
    await closed;
    open[0] = streams.answer(reply, endless().events).getStream();
    for (const stream of open) stream.destroy();
  });
});

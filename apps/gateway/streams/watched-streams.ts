import { Injectable, StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { StreamEvent, writeEvent } from '#libs/event-stream/event-stream';
import { TooManyRequests } from '#libs/errors/errors';
import { asChartlyError } from '#libs/errors/wire';
import { Readiness } from '#libs/telemetry/readiness';

/** Streams that one process keeps open. */
const STREAMS_MAX = 200;
/** A reader that takes nothing for so long is cut. Unit: milliseconds. */
const STUCK_MS = 60_000;
/** When a reader shall come back. Unit: milliseconds. */
const RETRY_MS = 2_000;

/** Streams of events that somebody watches (server-sent events), which end with the process and not before. */
@Injectable()
export class WatchedStreams {
  private open = 0;

  constructor(private readonly readiness: Readiness) {}

  /**
   * The answer that `events` make. They are asked for as fast as they are read; `signal` aborts when the reader is gone or
   * stuck, or the process drains. However they end, the reader is told when to come back. Throws TooManyRequests
   * `streams.many`.
   */
  answer(reply: FastifyReply, events: (signal: AbortSignal) => AsyncIterable<StreamEvent>): StreamableFile {
    if (this.open >= STREAMS_MAX) {
      throw new TooManyRequests('streams.many', `${STREAMS_MAX} streams are open here. Come back in a while.`, {
        retryAfterMs: RETRY_MS,
      });
    }
    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, this.readiness.draining]);
    const stream = Readable.from(
      texts(events(signal), () => stream.destroy()),
      { objectMode: false },
    );
    this.open += 1;
    stream.once('close', () => {
      this.open -= 1;
      gone.abort();
    });
    void reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    return new StreamableFile(stream, { type: 'text/event-stream; charset=utf-8' });
  }
}

async function* texts(events: AsyncIterable<StreamEvent>, cut: () => void): AsyncGenerator<string> {
  yield writeEvent({ retry: RETRY_MS });
  try {
    for await (const event of events) {
      const stuck = setTimeout(cut, STUCK_MS);
      try {
        yield writeEvent(event);
      } finally {
        clearTimeout(stuck); // the reader may go while it waits
      }
    }
  } catch (thrown) {
    const { code, message: detail } = asChartlyError(thrown);
    yield writeEvent({ event: 'problem', data: JSON.stringify({ code, detail }) });
  }
  yield writeEvent({ retry: RETRY_MS, comment: 'ends here; come back' });
}

import { DeadlineExceeded, Unavailable } from '#libs/errors/errors';

const STALL_MS = 60_000;
/** Streams at a time, of all projects: each holds a snapshot, and room of the engine. */
const STREAMS_MAX = 4;
const RETRY_AFTER_MS = 2_000;

/**
 * Answers that are taken part by part, each of which holds something of the engine meanwhile. One whose taker has stopped
 * taking is ended, as all are at a shutdown.
 */
export class OpenStreams {
  private readonly open = new Map<AsyncGenerator<unknown>, Error | undefined>();

  constructor(private readonly stallMs = STALL_MS) {}

  /** Throws Unavailable `query.busy`; DeadlineExceeded `export.stalled` to who comes back too late. */
  async *of<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
    if (this.open.size >= STREAMS_MAX) {
      throw new Unavailable('query.busy', `${STREAMS_MAX} exports are under way. Try again shortly.`, {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    this.open.set(source, undefined);
    try {
      for (;;) {
        const step = await source.next();
        const ended = this.open.get(source);
        if (ended) throw ended;
        if (step.done) return;
        const timer = setTimeout(() => void this.end(source, stalled()), this.stallMs);
        timer.unref();
        try {
          yield step.value;
        } finally {
          clearTimeout(timer);
        }
      }
    } finally {
      this.open.delete(source);
      await source.return(undefined);
    }
  }

  /** Ends all; what a stream is at just now it finishes first. */
  async close(): Promise<void> {
    await Promise.all([...this.open.keys()].map((source) => this.end(source, closed())));
  }

  private async end(source: AsyncGenerator<unknown>, why: Error): Promise<void> {
    this.open.set(source, why);
    await source.return(undefined).catch(() => undefined); // who takes its next part is told
  }
}

const stalled = (): DeadlineExceeded =>
  new DeadlineExceeded('export.stalled', 'Nobody took the rest of the answer, so it was ended. Ask again.');

const closed = (): Unavailable =>
  new Unavailable('storage.closed', 'The event store is shutting down. Try again shortly.');

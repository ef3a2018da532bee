import { DeadlineExceeded, Unavailable } from '#libs/errors/errors';

const STALL_MS = 60_000;
/** Streams at a time, of all projects: each holds a snapshot, and room of the engine. */
const STREAMS_MAX = 4;
const RETRY_AFTER_MS = 2_000;

/**
 * Answers that are taken part by part, each of which holds something of the engine meanwhile. One whose taker has stopped
 * taking is ended and takes no place any more, whether or not its taker ever comes back; all are ended at a shutdown.
 */
export class OpenStreams {
  private readonly open = new Set<(why: Error) => Promise<void>>();

  constructor(private readonly stallMs = STALL_MS) {}

  /** Throws Unavailable `query.busy`; DeadlineExceeded `export.stalled` to who comes back too late. */
  async *of<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
    if (this.open.size >= STREAMS_MAX) {
      throw new Unavailable('query.busy', `${STREAMS_MAX} exports are under way. Try again shortly.`, {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    const state: { ended?: Error } = {};
    const end = async (why: Error): Promise<void> => {
      state.ended = why; // who takes its next part is told
      await source.return(undefined).catch(() => undefined);
      this.open.delete(end);
    };
    this.open.add(end);
    try {
      for (;;) {
        const step = await source.next();
        if (state.ended) throw state.ended;
        if (step.done) return;
        const timer = setTimeout(() => void end(stalled()), this.stallMs);
        timer.unref();
        try {
          yield step.value;
        } finally {
          clearTimeout(timer);
        }
      }
    } finally {
      this.open.delete(end);
      await source.return(undefined);
    }
  }

  /** Ends all; what a stream is at just now it finishes first. */
  async close(): Promise<void> {
    await Promise.all([...this.open].map((end) => end(closed())));
  }
}

const stalled = (): DeadlineExceeded =>
  new DeadlineExceeded('export.stalled', 'Nobody took the rest of the answer, so it was ended. Ask again.');

const closed = (): Unavailable =>
  new Unavailable('storage.closed', 'The event store is shutting down. Try again shortly.');

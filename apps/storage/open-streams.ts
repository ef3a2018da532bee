import { RowsPart } from '#libs/contracts/query-plan';
import { DeadlineExceeded, Unavailable } from '#libs/errors/errors';
import { TakingPace } from './taking-pace';

const STALL_MS = 60_000;
/** Streams at a time, of all projects: each holds a snapshot, and room of the engine. */
const STREAMS_MAX = 4;
const RETRY_AFTER_MS = 2_000;
/** Who was refused is waited for so long: it was asked to come again. */
const REFUSED_WAITS_MS = 60_000;

interface OpenStream {
  readonly pace: TakingPace;
  /** It has got its first part; until then it waits for room in the engine. */
  begun: boolean;
  ended?: Error;
  readonly end: (why: Error) => Promise<void>;
}

/**
 * Answers that are taken part by part, each of which holds something of the engine meanwhile. One whose taker has stopped
 * taking is ended and takes no place any more, whether or not its taker ever comes back; so is one that is taken very
 * slowly while others wait; all are ended at a shutdown.
 */
export class OpenStreams {
  private readonly open = new Set<OpenStream>();
  private refusedMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly stallMs = STALL_MS,
    private readonly nowMs = (): number => performance.now(),
  ) {}

  /**
   * Throws Unavailable `query.busy`; DeadlineExceeded `export.stalled` to who comes back too late, `export.too_slow` to
   * who takes less than 64 KiB/s over a minute while others wait.
   *
   * @param bytesOf About how large a part is.
   */
  async *of<T>(source: AsyncGenerator<T>, bytesOf: (part: T) => number): AsyncGenerator<T> {
    while (this.open.size >= STREAMS_MAX) await this.makeRoom();
    const stream: OpenStream = {
      pace: new TakingPace(this.nowMs),
      begun: false,
      end: async (why) => {
        stream.ended = why; // who takes its next part is told
        await source.return(undefined).catch(() => undefined);
        this.open.delete(stream);
      },
    };
    this.open.add(stream);
    try {
      for (;;) {
        const step = await source.next();
        if (stream.ended) throw stream.ended;
        if (step.done) return;
        stream.begun = true;
        stream.pace.handOver(bytesOf(step.value));
        const timer = setTimeout(() => void stream.end(stalled()), this.stallMs);
        timer.unref();
        try {
          yield step.value;
        } finally {
          clearTimeout(timer);
        }
        stream.pace.return();
        if (!stream.ended && stream.pace.isSlow && this.othersWait()) throw tooSlow();
      }
    } finally {
      this.open.delete(stream);
      await source.return(undefined);
    }
  }

  /** Ends all; what a stream is at just now it finishes first. */
  async close(): Promise<void> {
    await Promise.all([...this.open].map((stream) => stream.end(closed())));
  }

  /** Ends the stream that is taken the slowest, if it is too slow. Throws Unavailable `query.busy` when none is. */
  private async makeRoom(): Promise<void> {
    const rateOf = ({ pace }: OpenStream): number => pace.rate() ?? Number.POSITIVE_INFINITY;
    const slow = [...this.open].filter(({ pace, ended }) => pace.isAway && pace.isSlow && !ended);
    const slowest = slow.sort((one, other) => rateOf(one) - rateOf(other))[0];
    if (!slowest) {
      this.refusedMs = this.nowMs();
      throw new Unavailable('query.busy', `${STREAMS_MAX} exports are under way. Try again shortly.`, {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    await slowest.end(tooSlow());
  }

  private othersWait(): boolean {
    return [...this.open].some(({ begun }) => !begun) || this.nowMs() - this.refusedMs < REFUSED_WAITS_MS;
  }
}

/** Told by the row in the middle, since parts are of rows that are much alike. */
export function roughBytes({ rows }: RowsPart): number {
  const row = rows[rows.length >> 1] ?? [];
  return rows.length * row.reduce<number>((sum, cell) => sum + (typeof cell === 'string' ? cell.length : 8), 0);
}

const stalled = (): DeadlineExceeded =>
  new DeadlineExceeded('export.stalled', 'Nobody took the rest of the answer, so it was ended. Ask again.');

const tooSlow = (): DeadlineExceeded =>
  new DeadlineExceeded(
    'export.too_slow',
    'The answer was taken at less than 64 KiB/s for a minute while others waited, so it was ended. Ask again, for fewer rows or columns.',
  );

const closed = (): Unavailable =>
  new Unavailable('storage.closed', 'The event store is shutting down. Try again shortly.');

/** How long a taker is watched before it is called slow. */
const WINDOW_MS = 60_000;
/** Who takes less than this, while others wait, makes room for them. */
const SLOWEST_BYTES_PER_SECOND = 64 * 1_024;

interface Slot {
  readonly bytes: number;
  readonly awayMs: number;
}

const NOTHING: Slot = { bytes: 0, awayMs: 0 };

/**
 * How quickly somebody takes the parts of an answer: what they hold, over the time between a part's hand-over and the
 * question for the next. Time in which the next part is computed is not the taker's. Looks back over one minute of such
 * time, two at most.
 */
export class TakingPace {
  private before = NOTHING;
  private current = NOTHING;
  private awaySinceMs: number | undefined;

  constructor(private readonly nowMs: () => number) {}

  /** A part goes out, of about so many bytes. */
  handOver(bytes: number): void {
    this.awaySinceMs = this.nowMs();
    this.current = { ...this.current, bytes: this.current.bytes + bytes };
  }

  /** The taker is back for more. */
  return(): void {
    this.current = { ...this.current, awayMs: this.current.awayMs + this.pendingMs() };
    this.awaySinceMs = undefined;
    if (this.current.awayMs < WINDOW_MS) return;
    this.before = this.current;
    this.current = NOTHING;
  }

  /** Bytes a second; undefined while that is not known for a whole window. */
  rate(): number | undefined {
    const awayMs = this.before.awayMs + this.current.awayMs + this.pendingMs();
    if (awayMs < WINDOW_MS) return undefined;
    return ((this.before.bytes + this.current.bytes) * 1_000) / awayMs;
  }

  /** A part is out, and the taker has not come back yet. */
  get isAway(): boolean {
    return this.awaySinceMs !== undefined;
  }

  get isSlow(): boolean {
    return (this.rate() ?? Number.POSITIVE_INFINITY) < SLOWEST_BYTES_PER_SECOND;
  }

  private pendingMs(): number {
    return this.awaySinceMs === undefined ? 0 : this.nowMs() - this.awaySinceMs;
  }
}

/** Exactly one of `every` and `cron`. Durations are written as `30s`, `5m`, `6h`. */
export interface Schedule {
  readonly every?: string;
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron?: string;
  /** An IANA zone for `cron`, `UTC` when left out. */
  readonly timezone?: string;
  /** What happens when a tick falls due while the run before it still goes on: the tick is skipped and recorded so. */
  readonly overlap?: 'skip';
  /** How long a run may take in all, 1 hour when left out. */
  readonly timeout?: string;
  /** How often a failed step is tried again before the run fails. */
  readonly retry?: Retry;
}

export interface Retry {
  readonly max: number;
  readonly backoff?: 'exponential' | 'fixed';
  /** The wait before the first retry, 1 s when left out. */
  readonly initial?: string;
}

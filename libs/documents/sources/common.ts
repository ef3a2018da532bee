import type { Retry } from '../schedule';

/** What every kind takes beside its own members. */
export interface SourceCommon {
  readonly limits?: SourceLimits;
}

export interface SourceLimits {
  /** Requests per time, as `60/m`, `10/s` or `1000/h`. */
  readonly rate?: string;
  readonly concurrency?: 1;
  readonly retry?: Retry;
}

import type { Retry } from '../schedule';

/** What every kind takes beside its own members. */
export interface SourceCommon {
  readonly limits?: SourceLimits;
}

export interface SourceLimits {
  /** Requests per time, as `60/m`, `10/s` or `1000/h`. */
  readonly rate?: string;
  /** Requests at once, where a source can be asked so: one for each parent record. 1 when left out. */
  readonly concurrency?: number;
  readonly retry?: Retry;
}

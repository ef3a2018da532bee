import type { Retry } from '../schedule';

export const DRIFTS = ['propagate', 'approve', 'quarantine', 'pause'] as const;
/**
 * `propagate` takes the records and shows in the run what changed; `approve` takes nothing more until somebody approves
 * it; `quarantine` takes the others and quarantines those that changed, until somebody approves it; `pause` takes nothing
 * more until the pipeline is applied in a new version.
 */
export type Drift = (typeof DRIFTS)[number];

/** What every kind takes beside its own members. */
export interface SourceCommon {
  readonly limits?: SourceLimits;
  /** What happens when records get other fields or types than before; nobody looks when left out. */
  readonly drift?: Drift;
}

export interface SourceLimits {
  /** Requests per time, as `60/m`, `10/s` or `1000/h`. */
  readonly rate?: string;
  /** Requests at once, where a source can be asked so: one for each parent record. 1 when left out. */
  readonly concurrency?: number;
  readonly retry?: Retry;
}

import { Rate, Verdict } from './token-bucket';

/** One bucket that a request takes from: whose it is, and how fast it fills. */
export interface Bucket {
  /** `address/203.0.113.7`, `key/0190...`, `project/default`. */
  readonly id: string;
  readonly rate: Rate;
}

/** Where buckets are kept. */
export abstract class LimitStore {
  /**
   * Takes one from every bucket, or from none when one of them is empty; the verdicts in the order of the buckets, at once
   * where the buckets are at hand.
   */
  abstract take(buckets: readonly Bucket[]): readonly Verdict[] | Promise<readonly Verdict[]>;
  abstract close(): Promise<void>;
}

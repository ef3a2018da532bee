import { Bucket } from '#libs/calendar/bucket';
import { Fill } from '#libs/contracts/analytics.contract';
import { FilterNode } from '#libs/contracts/query-filter';
import { PlanOrder } from '#libs/contracts/query-plan';
import { MeasureCall } from './measure-call';

/** The dataset that a question goes to, and the rollup of it, when it asks one. */
export interface Target {
  readonly dataset: string;
  readonly rollup?: string;
}

/** From inclusive, to exclusive; microseconds since 1970 UTC. */
export interface Period {
  readonly fromUs?: bigint;
  readonly toUs?: bigint;
}

export interface Top {
  readonly by: string;
  readonly count: number;
  readonly other: boolean;
}

/** A request with every text read: what is asked, and not how it is answered. */
export interface Question extends Period {
  readonly project: string;
  readonly target: Target;
  readonly zone: string;
  readonly bucket?: Bucket;
  readonly measures: ReadonlyMap<string, MeasureCall>;
  readonly dimensions: readonly string[];
  readonly columns: readonly string[];
  readonly filters: readonly FilterNode[];
  readonly having: readonly FilterNode[];
  readonly top?: Top;
  readonly fill?: Fill;
  /** The earlier period to compare with, as long by the calendar as the question's own. */
  readonly before?: { readonly fromUs: bigint; readonly toUs: bigint };
  readonly order: readonly PlanOrder[];
  readonly limit: number;
  readonly raw: boolean;
}

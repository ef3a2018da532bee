import { SqlValues } from '../sql-values';
import { ReadConstant } from './statement-binder';

/** What expressions of one statement share. */
export interface Printing {
  readonly values: SqlValues;
  readonly constants: ReadonlyMap<string, ReadConstant>;
  /** The moment that the statement calls now. Unit: microseconds since 1970 UTC. */
  readonly nowUs: bigint;
}

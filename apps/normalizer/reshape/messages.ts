import type { Reshaped } from '../core/run';

/** Records for the child: JSON texts, and what is to be done with each. */
export interface ReshapeRequest {
  readonly jsonata: string;
  readonly texts: readonly string[];
}

/** `ready` once, when it has started; then one a record, in the order of the request. */
export type ReshapeReply = 'ready' | Reshaped;

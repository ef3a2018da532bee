/** Records for the child: JSON texts, and what is to be done with each. */
export interface ReshapeRequest {
  readonly jsonata: string;
  readonly texts: readonly string[];
}

/** The JSON text that the expression gave, or why there is none. */
export type Reshaped = { readonly json: string } | { readonly reason: string };

/** `ready` once, when it has started; then one a record, in the order of the request. */
export type ReshapeReply = 'ready' | Reshaped;

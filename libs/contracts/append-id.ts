/** What tells one try to turn a batch into rows from all others: a replay is a new generation. */
export interface Attempt {
  readonly batchId: string;
  readonly version: number;
  readonly generation: number;
}

/** The id under which the rows of an attempt are appended: the same attempt never stores twice. */
export const appendIdOf = ({ batchId, version, generation }: Attempt): string => `${batchId}/${version}/${generation}`;

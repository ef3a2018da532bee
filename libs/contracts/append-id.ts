/** What tells one try to turn a batch into rows from all others: a replay is a new generation. */
export interface Attempt {
  readonly batchId: string;
  readonly version: number;
  readonly generation: number;
}

/** The id under which the rows of an attempt are appended: the same attempt never stores twice. */
export const appendIdOf = ({ batchId, version, generation }: Attempt): string => `${batchId}/${version}/${generation}`;

/** The attempt behind an append id; undefined for an id that is not of a batch. A retry from quarantine has no generation. */
export function attemptOf(
  appendId: string,
): (Omit<Attempt, 'generation'> & { readonly generation?: number }) | undefined {
  const [, batchId, version, generation] = /^([0-9a-f-]{36})\/(\d+)\/(?:(\d+)$|[0-9a-f-]{36}$)/.exec(appendId) ?? [];
  if (batchId === undefined) return undefined;
  return { batchId, version: Number(version), ...(generation === undefined ? {} : { generation: Number(generation) }) };
}

/** What the append ids of imports begin with, and those of no other append. */
export const IMPORT_PREFIX = 'import/';

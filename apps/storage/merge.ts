/** A version as the engine and a column carry it: comparable within one dataset. */
export type Version = bigint | number;

/** A row that came for a key, in the order in which they came. */
export interface MergingRow {
  /** The same number for the same key. */
  readonly slot: number;
  readonly version: Version;
  /** The version that is there for its key, live or deleted. */
  readonly held?: Version;
}

export type MergeOutcome = 'stored' | 'merged' | 'stale' | 'duplicate';

/**
 * What becomes of each row, the first to last: the first of a key is stored, a newer version merged, an older one stale,
 * the same one a duplicate. `winners` are the places of the rows that stay, one a key that changes.
 */
export function mergeRows(rows: readonly MergingRow[]): { outcomes: MergeOutcome[]; winners: number[] } {
  const current = new Map<number, Version>();
  const winners = new Map<number, number>();
  const outcomes = rows.map(({ slot, version, held }, place): MergeOutcome => {
    const newest = current.get(slot) ?? held;
    if (newest !== undefined && version < newest) return 'stale';
    if (newest !== undefined && version === newest) return 'duplicate';
    current.set(slot, version);
    winners.set(slot, place);
    return newest === undefined ? 'stored' : 'merged';
  });
  return { outcomes, winners: [...winners.values()] };
}

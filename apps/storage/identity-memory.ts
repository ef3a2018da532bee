/**
 * What a process remembers of the rows of a dataset, so that it need not ask the engine about most new ones. It may call
 * a new row known, and never a known row new.
 */
export interface IdentityMemory {
  /**
   * Takes the row in. True when it was surely not there before.
   *
   * @param time Unit: microseconds since 1970.
   * @param hash Of the key; equal keys have equal hashes.
   */
  add(time: number, hash: number): boolean;
}

/**
 * Does `work` for one after the other; one that fails keeps no other from its turn. After the last it throws what
 * failed: a single failure as it is, and several as an AggregateError that says how many there were and what the first
 * one said.
 */
export async function eachByItself<T>(items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) {
    try {
      await work(item);
    } catch (thrown) {
      failures.push(thrown);
    }
  }
  throwAll(failures);
}

/** Throws what failed, as {@link eachByItself} does; nothing when there is nothing. */
export function throwAll(failures: readonly unknown[]): void {
  const [first] = failures;
  if (failures.length === 0) return;
  if (failures.length === 1) throw first;
  const message = first instanceof Error ? first.message : String(first);
  throw new AggregateError(failures, `${failures.length} failed, each by itself. The first said: ${message}`);
}

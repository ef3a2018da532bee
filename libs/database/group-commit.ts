import { setTimeout as pause } from 'node:timers/promises';
import { databaseError } from './database-errors';
import { ChartlyError } from '#libs/errors/errors';

interface GroupLimits<T> {
  /** The most items in one commit. */
  readonly items: number;
  /** The most that one commit weighs by `sizeOf`; a heavier item goes alone. */
  readonly bytes?: number;
  readonly sizeOf?: (item: T) => number;
  /** How many commits may be under way at once. */
  readonly flights: number;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (reason: unknown) => void;
}

const RETRY_PAUSE_MS = 50;

/**
 * Lets what is submitted at the same time share one commit: while commits are under way the next group gathers, so
 * groups grow with the load and a lone item waits for nobody. `commit` answers each item in order, by a result or by
 * the error that is that item's own. It must be idempotent: when the database was away the group is tried once more,
 * as the first try may or may not have committed; when it failed otherwise each item is tried alone, so that one does
 * not fail its neighbours.
 */
export class GroupCommit<T, R> {
  private readonly waiting: Waiting<T, R>[] = [];
  private readonly flights = new Set<Promise<void>>();
  private scheduled = false;

  constructor(
    private readonly commit: (items: readonly T[]) => Promise<readonly (R | ChartlyError)[]>,
    private readonly limits: GroupLimits<T>,
  ) {}

  /** Resolves after the commit that holds the item. */
  submit(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.schedule();
    });
  }

  /** Resolves when nothing is waiting or under way. */
  async drain(): Promise<void> {
    while (this.waiting.length > 0 || this.flights.size > 0) {
      this.takeOff();
      await Promise.all(this.flights);
    }
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.takeOff();
    });
  }

  private takeOff(): void {
    while (this.waiting.length > 0 && this.flights.size < this.limits.flights) {
      const flight = this.fly(this.nextGroup()).finally(() => {
        this.flights.delete(flight);
        this.takeOff();
      });
      this.flights.add(flight);
    }
  }

  private nextGroup(): Waiting<T, R>[] {
    const { items, bytes = Infinity, sizeOf = () => 0 } = this.limits;
    let weight = 0;
    let length = 0;
    while (length < this.waiting.length && length < items) {
      weight += sizeOf(this.waiting[length]!.item); // length is in range
      if (length > 0 && weight > bytes) break;
      length += 1;
    }
    return this.waiting.splice(0, length);
  }

  private async fly(group: readonly Waiting<T, R>[]): Promise<void> {
    try {
      answer(group, await this.tryTwice(group.map(({ item }) => item)));
    } catch (thrown) {
      const away = databaseError(thrown);
      if (away || group.length === 1) {
        for (const { reject } of group) reject(away ?? thrown);
        return;
      }
      for (const one of group) await this.fly([one]);
    }
  }

  private async tryTwice(items: readonly T[]): Promise<readonly (R | ChartlyError)[]> {
    try {
      return await this.commit(items);
    } catch (thrown) {
      if (!databaseError(thrown)) throw thrown;
      await pause(RETRY_PAUSE_MS);
      return this.commit(items);
    }
  }
}

function answer<T, R>(group: readonly Waiting<T, R>[], results: readonly (R | ChartlyError)[]): void {
  if (results.length !== group.length) throw new TypeError('A commit answers each of its items.');
  results.forEach((result, at) => {
    const { resolve, reject } = group[at]!; // as many results as items
    if (result instanceof ChartlyError) reject(result);
    else resolve(result);
  });
}

import { DuckDBConnection } from '@duckdb/node-api';
import { DeadlineExceeded, TooManyRequests, Unavailable } from '#libs/errors/errors';

const WAITING_MAX = 200;

interface Waiting {
  readonly take: (connection: DuckDBConnection) => void;
  readonly refuse: () => void;
}

const cancelled = (): DeadlineExceeded =>
  new DeadlineExceeded('query.cancelled', 'The query was stopped, since nobody waits for its answer any more.');

const closing = (): Unavailable =>
  new Unavailable('storage.closed', 'The event store is shutting down. Try again shortly.');

/** A few connections for reading, so that queries leave room for appends; who finds none waits in line. */
export class Readers {
  private readonly idle: DuckDBConnection[];
  private readonly busy = new Set<DuckDBConnection>();
  private readonly waiting = new Set<Waiting>();
  private allBack?: () => void;
  private closed = false;

  constructor(connections: readonly DuckDBConnection[]) {
    this.idle = [...connections];
  }

  /**
   * Runs `work` in a read transaction, hence on one snapshot. Its statement is interrupted when `signal` aborts; then
   * DeadlineExceeded `query.cancelled` is thrown.
   */
  async read<T>(work: (connection: DuckDBConnection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const connection = await this.acquire(signal);
    const interrupt = (): void => connection.interrupt();
    signal?.addEventListener('abort', interrupt);
    try {
      if (signal?.aborted) throw cancelled();
      await connection.run('BEGIN TRANSACTION READ ONLY');
      try {
        const result = await work(connection);
        if (signal?.aborted) throw cancelled();
        return result;
      } finally {
        signal?.removeEventListener('abort', interrupt);
        await connection.run('ROLLBACK').catch(() => undefined);
      }
    } catch (thrown) {
      throw signal?.aborted ? cancelled() : thrown;
    } finally {
      this.release(connection);
    }
  }

  /** Stops what is being read, refuses what waits, and ends when every connection is back. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { refuse } of this.waiting) refuse();
    this.waiting.clear();
    for (const connection of this.busy) connection.interrupt();
    if (this.busy.size > 0) await new Promise<void>((resolve) => (this.allBack = resolve));
  }

  private async acquire(signal?: AbortSignal): Promise<DuckDBConnection> {
    if (signal?.aborted) throw cancelled();
    if (this.closed) throw closing();
    const connection = this.idle.pop() ?? (await this.waitInLine(signal));
    this.busy.add(connection);
    return connection;
  }

  private waitInLine(signal?: AbortSignal): Promise<DuckDBConnection> {
    if (this.waiting.size >= WAITING_MAX) {
      throw new TooManyRequests('query.busy', `${WAITING_MAX} queries wait already. Try again shortly.`);
    }
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.waiting.delete(waiting);
        reject(cancelled());
      };
      const waiting: Waiting = {
        take: (free) => {
          signal?.removeEventListener('abort', giveUp);
          resolve(free);
        },
        refuse: () => reject(closing()),
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.waiting.add(waiting);
    });
  }

  private release(connection: DuckDBConnection): void {
    this.busy.delete(connection);
    const [next] = this.waiting;
    if (next) {
      this.waiting.delete(next);
      next.take(connection);
    } else {
      this.idle.push(connection);
      if (this.busy.size === 0) this.allBack?.();
    }
  }
}

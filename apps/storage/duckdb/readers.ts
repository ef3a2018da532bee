import { DuckDBConnection } from '@duckdb/node-api';
import { DeadlineExceeded, TooManyRequests } from '#libs/errors/errors';

const WAITING_MAX = 200;

interface Waiting {
  readonly take: (connection: DuckDBConnection) => void;
}

const cancelled = (): DeadlineExceeded =>
  new DeadlineExceeded('query.cancelled', 'The query was stopped, since nobody waits for its answer any more.');

/** A few connections for reading, so that queries leave room for appends; who finds none waits in line. */
export class Readers {
  private readonly idle: DuckDBConnection[];
  private readonly waiting = new Set<Waiting>();

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

  private acquire(signal?: AbortSignal): Promise<DuckDBConnection> {
    if (signal?.aborted) return Promise.reject(cancelled());
    const connection = this.idle.pop();
    if (connection) return Promise.resolve(connection);
    if (this.waiting.size >= WAITING_MAX) {
      return Promise.reject(
        new TooManyRequests('query.busy', `${WAITING_MAX} queries wait already. Try again shortly.`),
      );
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
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.waiting.add(waiting);
    });
  }

  private release(connection: DuckDBConnection): void {
    const [next] = this.waiting;
    if (!next) return void this.idle.push(connection);
    this.waiting.delete(next);
    next.take(connection);
  }
}

import { DuckDBConnection } from '@duckdb/node-api';
import { DeadlineExceeded, Unavailable } from '#libs/errors/errors';

/** Reads that wait, of all projects and of one; who brings more is asked to come again. */
const WAITING_MAX = 200;
const WAITING_OF_ONE_MAX = 100;
const INTERRUPT_EVERY_MS = 20;
const RETRY_AFTER_MS = 1_000;

interface Waiting {
  readonly take: (connection: DuckDBConnection) => void;
  readonly refuse: () => void;
}

/** For whom something is read, and when nobody waits for it any more. */
export interface Reader {
  /** Projects take turns; reads of no project count as one of their own. */
  readonly project?: string;
  readonly signal?: AbortSignal;
  /** One statement alone is read, which is a snapshot by itself: two turns to the engine are spared. */
  readonly single?: boolean;
}

const cancelled = (): DeadlineExceeded =>
  new DeadlineExceeded('query.cancelled', 'The query was stopped, since nobody waits for its answer any more.');

const closing = (): Unavailable =>
  new Unavailable('storage.closed', 'The event store is shutting down. Try again shortly.');

/**
 * A few connections for reading, so that queries leave room for appends. Who finds none waits in the line of its project,
 * and the lines take turns: a project with many questions does not make another wait for all of them.
 */
export class Readers {
  private readonly idle: DuckDBConnection[];
  private readonly busy = new Set<DuckDBConnection>();
  /** The project whose turn comes next first. */
  private readonly lines = new Map<string, Set<Waiting>>();
  private waiting = 0;
  private allBack?: () => void;
  private closed = false;

  constructor(connections: readonly DuckDBConnection[]) {
    this.idle = [...connections];
  }

  /**
   * Runs `work` in a read transaction, hence on one snapshot. Its statement is interrupted when the signal aborts; then
   * DeadlineExceeded `query.cancelled` is thrown. Throws Unavailable `query.busy` when too many wait.
   */
  async read<T>(
    work: (connection: DuckDBConnection) => Promise<T>,
    { project = '', signal, single = false }: Reader = {},
  ): Promise<T> {
    const connection = await this.acquire(project, signal);
    let goOn: (() => void) | undefined;
    const interrupt = (): void => void (goOn ??= interruptUntil(connection));
    signal?.addEventListener('abort', interrupt);
    try {
      if (signal?.aborted) throw cancelled();
      if (!single) await connection.run('BEGIN TRANSACTION READ ONLY');
      try {
        const result = await work(connection);
        if (signal?.aborted) throw cancelled();
        return result;
      } finally {
        signal?.removeEventListener('abort', interrupt);
        goOn?.();
        if (!single) await connection.run('ROLLBACK').catch(() => undefined);
      }
    } catch (thrown) {
      throw signal?.aborted ? cancelled() : thrown;
    } finally {
      this.release(connection);
    }
  }

  /** As {@link read}, for what is taken item by item: the transaction ends with the last item, or when no more is taken. */
  async *stream<T>(
    work: (connection: DuckDBConnection) => AsyncIterable<T>,
    { project = '', signal }: Reader = {},
  ): AsyncGenerator<T> {
    const connection = await this.acquire(project, signal);
    let goOn: (() => void) | undefined;
    const interrupt = (): void => void (goOn ??= interruptUntil(connection));
    signal?.addEventListener('abort', interrupt);
    try {
      if (signal?.aborted) throw cancelled();
      await connection.run('BEGIN TRANSACTION READ ONLY');
      yield* work(connection);
    } catch (thrown) {
      throw signal?.aborted ? cancelled() : thrown;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      goOn?.();
      await connection.run('ROLLBACK').catch(() => undefined);
      this.release(connection);
    }
  }

  /** Stops what is being read, refuses what waits, and ends when every connection is back. */
  async close(): Promise<void> {
    this.closed = true;
    for (const line of this.lines.values()) for (const { refuse } of line) refuse();
    this.lines.clear();
    const interrupted = [...this.busy].map(interruptUntil);
    if (this.busy.size > 0) await new Promise<void>((resolve) => (this.allBack = resolve));
    for (const goOn of interrupted) goOn();
  }

  private async acquire(project: string, signal?: AbortSignal): Promise<DuckDBConnection> {
    if (signal?.aborted) throw cancelled();
    if (this.closed) throw closing();
    const connection = this.idle.pop() ?? (await this.waitInLine(project, signal));
    this.busy.add(connection);
    return connection;
  }

  private waitInLine(project: string, signal?: AbortSignal): Promise<DuckDBConnection> {
    const line = this.lines.get(project) ?? new Set<Waiting>();
    if (this.waiting >= WAITING_MAX || line.size >= WAITING_OF_ONE_MAX) {
      throw new Unavailable('query.busy', `${line.size} queries of this project wait already. Try again shortly.`, {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.leave(project, waiting);
        reject(cancelled());
      };
      const waiting: Waiting = {
        take: (free) => {
          signal?.removeEventListener('abort', giveUp);
          resolve(free);
        },
        refuse: () => {
          signal?.removeEventListener('abort', giveUp);
          reject(closing());
        },
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      line.add(waiting);
      this.lines.set(project, line);
      this.waiting += 1;
    });
  }

  private leave(project: string, waiting: Waiting): void {
    const line = this.lines.get(project);
    if (!line?.delete(waiting)) return;
    this.waiting -= 1;
    if (line.size === 0) this.lines.delete(project);
  }

  private release(connection: DuckDBConnection): void {
    this.busy.delete(connection);
    const [turn] = this.lines;
    if (!turn) {
      this.idle.push(connection);
      if (this.busy.size === 0) this.allBack?.();
      return;
    }
    const [project, line] = turn;
    const [next] = line;
    this.lines.delete(project);
    if (line.size > 1) this.lines.set(project, line); // to the end: the other projects come first
    if (!next) return this.release(connection);
    line.delete(next);
    this.waiting -= 1;
    next.take(connection);
  }
}

/**
 * Interrupts what a connection does, again and again until the function that it gives is called: the engine forgets an
 * interrupt that comes just before a statement begins, and would run that to its end.
 */
export function interruptUntil(connection: DuckDBConnection): () => void {
  connection.interrupt();
  const again = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
  return () => clearInterval(again);
}

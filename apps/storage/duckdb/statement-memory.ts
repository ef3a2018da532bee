import { DuckDBConnection } from '@duckdb/node-api';
import { Unprocessable } from '#libs/errors/errors';
import { interruptUntil } from './readers';
import { rowsOf } from './transaction';

const LOOK_EVERY_MS = 25;
const MIB = 2 ** 20;

/** A statement under way. Unit: bytes. */
interface Running {
  readonly connection: DuckDBConnection;
  /** What the process held outside the engine's books when the statement began. */
  before: number;
  goOn?: () => void;
}

/**
 * The memory of users' statements. The engine keeps books of its tables, sorts, joins and groups, and holds them below its
 * own limit by spilling; what an aggregate collects (a median, a mode) is in no book and has no limit. So that is measured:
 * what the process holds beyond its JavaScript heap and the engine's books, and how it grew since a statement began.
 */
export class StatementMemory {
  /** In the order in which they began. */
  private readonly running = new Set<Running>();
  private timer?: NodeJS.Timeout;
  private looking = false;
  /** The most that the engine's books ever showed: what it frees of that stays with the process for the next who asks. */
  private booked = 0;

  /** `monitor` is a connection of its own; a statement may take `budget` bytes. */
  constructor(
    private readonly monitor: DuckDBConnection,
    private readonly budget: number,
  ) {}

  /** Runs a statement on `connection`. Stops it and throws Unprocessable `sql.memory` when it takes too much. */
  async within<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
    const statement = this.begin(connection);
    try {
      return await work();
    } catch (thrown) {
      throw this.explained(statement, thrown);
    } finally {
      this.end(statement);
    }
  }

  /** As {@link within}, for what is taken part by part. */
  async *stream<T>(connection: DuckDBConnection, work: () => AsyncIterable<T>): AsyncGenerator<T> {
    const statement = this.begin(connection);
    try {
      yield* work();
    } catch (thrown) {
      throw this.explained(statement, thrown);
    } finally {
      this.end(statement);
    }
  }

  private begin(connection: DuckDBConnection): Running {
    const statement: Running = { connection, before: this.held() };
    this.running.add(statement);
    this.timer ??= setInterval(() => void this.look(), LOOK_EVERY_MS);
    return statement;
  }

  private end(statement: Running): void {
    statement.goOn?.();
    this.running.delete(statement);
    // What a stopped one leaves behind is not what the others took: they are measured anew.
    if (statement.goOn) for (const other of this.running) other.before = this.held();
    if (this.running.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private explained({ goOn }: Running, thrown: unknown): unknown {
    return goOn ? tooMuchMemory(this.budget, thrown) : thrown;
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      this.booked = Math.max(this.booked, await this.bookedNow());
      const suspect = suspectOf([...this.running], this.held(), this.budget);
      if (suspect) suspect.goOn ??= interruptUntil(suspect.connection);
    } catch {
      // The engine is closing, or has to be opened anew: whoever runs a statement is told by that itself.
    } finally {
      this.looking = false;
    }
  }

  private held(): number {
    return beyondTheHeap() - this.booked;
  }

  private async bookedNow(): Promise<number> {
    const [row] = await rowsOf(this.monitor, 'SELECT sum(memory_usage_bytes)::DOUBLE FROM duckdb_memory()');
    return Number(row?.[0] ?? 0);
  }
}

/**
 * Who took more than the budget, if anyone did: all that ran while the memory grew may have, so it is the last of them in
 * whose time most of it came.
 */
export function suspectOf<T extends Pick<Running, 'before'>>(
  running: readonly T[],
  held: number,
  budget: number,
): T | undefined {
  const most = Math.max(...running.map(({ before }) => held - before));
  return most > budget ? running.findLast(({ before }) => held - before > most / 2) : undefined;
}

/** What the process holds outside its JavaScript heap. Unit: bytes. */
function beyondTheHeap(): number {
  const { rss, heapTotal, external } = process.memoryUsage();
  return rss - heapTotal - external;
}

export const tooMuchMemory = (budget: number, cause: unknown): Unprocessable =>
  new Unprocessable(
    'sql.memory',
    `The statement needs more than the ${Math.floor(budget / MIB)} MiB of memory that one may take (CHARTLY_SQL_MEMORY_LIMIT). Ask for less at once.`,
    { cause },
  );

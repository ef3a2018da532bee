import { DataSource, QueryRunner } from 'typeorm';

const LOCK = `SELECT pg_advisory_lock(hashtextextended('storage.' || $1, 0))`;
const UNLOCK = `SELECT pg_advisory_unlock(hashtextextended('storage.' || $1, 0))`;
/** The pool's size where nothing says it. */
const POOL_MAX = 10;

/**
 * Lets one writer at a time have a dataset, whichever process it is in. A lock lives on a connection of its own, and its
 * work takes another: so no more than half of the pool is ever for locks, and who waits in this process for a dataset
 * takes none.
 */
export class DatasetLocks {
  private readonly lines = new Map<string, Promise<unknown>>();
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(private readonly database: DataSource) {
    const { extra } = database.options as { readonly extra?: { readonly max?: number } }; // as the driver of Postgres takes it
    this.free = Math.max(1, Math.floor((extra?.max ?? POOL_MAX) / 2));
  }

  /** Who loses the lock cannot commit, since the next writer buries what is open. */
  alone<T>(dataset: string, work: () => Promise<T>): Promise<T> {
    const before = this.lines.get(dataset) ?? Promise.resolve();
    const mine = before.then(() => this.locked(dataset, work));
    const line = mine.then(
      () => undefined,
      () => undefined,
    );
    this.lines.set(dataset, line);
    void line.then(() => {
      if (this.lines.get(dataset) === line) this.lines.delete(dataset);
    });
    return mine;
  }

  private async locked<T>(dataset: string, work: () => Promise<T>): Promise<T> {
    if (this.free === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.free -= 1;
    try {
      return await this.onConnection(dataset, work);
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }

  private async onConnection<T>(dataset: string, work: () => Promise<T>): Promise<T> {
    const runner: QueryRunner = this.database.createQueryRunner();
    await runner.connect();
    try {
      await runner.query(LOCK, [dataset]);
      return await work();
    } finally {
      await runner.query(UNLOCK, [dataset]).catch(() => undefined); // a broken connection holds no lock
      await runner.release();
    }
  }
}

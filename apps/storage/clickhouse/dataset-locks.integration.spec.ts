import { DataSource } from 'typeorm';
import { startTestPostgres, TestPostgres } from '#libs/testing/postgres';
import { DatasetLocks } from './dataset-locks';

describe('the locks of datasets', () => {
  let postgres: TestPostgres;
  let pools: DataSource[];

  beforeAll(async () => {
    postgres = await startTestPostgres();
    const pool = (): Promise<DataSource> =>
      new DataSource({ type: 'postgres', url: postgres.appUrl, extra: { max: 2 } }).initialize();
    pools = [await pool(), await pool()];
  });
  afterAll(async () => {
    for (const pool of pools) await pool.destroy();
    await postgres.stop();
  });

  it('leave connections for the work of those who have them, however many datasets are written', async () => {
    const [pool] = pools as [DataSource, DataSource];
    const locks = new DatasetLocks(pool);
    const writes = Array.from({ length: 24 }, (_, at) =>
      locks.alone(`p/d${at % 8}`, () => pool.query<{ n: number }[]>(`SELECT ${at}::int AS n`)),
    );
    expect((await Promise.all(writes)).map(([row]) => row?.n)).toEqual(Array.from({ length: 24 }, (_, at) => at));
  });

  it('keep writers of one dataset apart, in one process and between processes', async () => {
    const locks = pools.map((pool) => new DatasetLocks(pool));
    let [inside, most] = [0, 0];
    const write = (at: number): Promise<void> =>
      locks[at % 2]!.alone('p/same', async () => {
        inside += 1;
        most = Math.max(most, inside);
        await pools[at % 2]!.query('SELECT pg_sleep(0.005)');
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 12 }, (_, at) => write(at)));
    expect(most).toBe(1);
  });

  it('are given on when the work of one fails', async () => {
    const [pool] = pools as [DataSource, DataSource];
    const locks = new DatasetLocks(pool);
    await expect(locks.alone('p/x', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await locks.alone('p/x', () => Promise.resolve(1))).toBe(1);
  });
});

import { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { runKept } from './kept-statements';

const ONE = 'SELECT * FROM numbers WHERE n = $1';

describe('statements that a connection keeps', () => {
  let instance: DuckDBInstance;
  let connection: DuckDBConnection;
  let other: DuckDBConnection;

  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:');
    [connection, other] = [await instance.connect(), await instance.connect()];
  });
  beforeEach(() => other.run("CREATE OR REPLACE TABLE numbers AS SELECT 1 AS n, 'one' AS name"));
  afterAll(() => {
    connection.closeSync();
    other.closeSync();
    instance.closeSync();
  });

  const ask = async (value: DuckDBValue, sql = ONE): Promise<DuckDBValue[][]> =>
    (await runKept(connection, sql, [value])).getRows();

  it('are read once, and asked again with other values', async () => {
    const prepare = jest.spyOn(connection, 'prepare');
    const sql = `${ONE} LIMIT 1`;
    const answers = [await ask(1, sql), await ask(2, sql), await ask(1n, sql), await ask(null, sql), await ask(1, sql)];
    const one = [[1, 'one']];
    expect(answers).toEqual([one, [], one, [], one]);
    expect(prepare).toHaveBeenCalledTimes(1);
    prepare.mockRestore();
  });

  it('tell of rows and columns that came since, and of a table that is another now', async () => {
    expect(await ask(1)).toEqual([[1, 'one']]);
    await other.run('ALTER TABLE numbers ADD COLUMN more DOUBLE');
    await other.run("INSERT INTO numbers VALUES (2, 'two', 0.5)");
    expect(await ask(2)).toEqual([[2, 'two', 0.5]]);
    await other.run('DROP TABLE numbers');
    await expect(ask(1)).rejects.toThrow(/numbers/);
    await other.run("CREATE TABLE numbers AS SELECT 'x' AS name, 9 AS n");
    expect(await ask(9)).toEqual([['x', 9]]);
  });

  it('give their place to others, one by one', async () => {
    for (let round = 0; round < 2; round += 1) {
      for (let limit = 1; limit <= 120; limit += 1) expect(await ask(1, `${ONE} LIMIT ${limit}`)).toEqual([[1, 'one']]);
    }
  });
});

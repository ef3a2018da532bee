import { Client } from 'pg';
import { PostgresPull } from '#libs/documents/sources/postgres';
import { startTestPostgres, TestPostgres } from '#libs/testing/postgres';
import { AllowList } from '#libs/egress/allow-list';
import { EgressGuard } from '#libs/egress/egress-guard';
import { PostgresReader, PostgresState } from './postgres-reader';

const NAME = { project: 'default', pipeline: 'rows' };

describe('a Postgres source', () => {
  let postgres: TestPostgres;
  let database: Client;
  let reader: PostgresReader;
  let place: Pick<PostgresPull['postgres'], 'url' | 'auth' | 'tls'>;

  beforeAll(async () => {
    postgres = await startTestPostgres();
    database = new Client({ connectionString: postgres.ownerUrl });
    await database.connect();
    const { host, username, password, pathname } = new URL(postgres.ownerUrl);
    reader = new PostgresReader(new EgressGuard(AllowList.parse([host])));
    const auth = { user: decodeURIComponent(username), password: decodeURIComponent(password) };
    place = { url: `postgres://${host}${pathname}`, auth, tls: 'off' };
  });
  afterAll(async () => {
    await database.end();
    await postgres.stop();
  });

  beforeEach(async () => {
    await database.query(`
      DROP TABLE IF EXISTS moves;
      CREATE TABLE moves (id bigint PRIMARY KEY, at timestamptz NOT NULL, price numeric, note text, empty text)`);
  });

  const sourceOf = (change: Partial<PostgresPull['postgres']> = {}): PostgresPull => ({
    postgres: { ...place, table: 'moves', cursor: 'at', tieBreaker: 'id', ...change },
  });

  /** Reads until nothing is left; the pages' records, and the state behind each page. */
  async function read(
    source: PostgresPull,
    state: Partial<PostgresState> = {},
  ): Promise<{ pages: Record<string, unknown>[][]; states: PostgresState[] }> {
    const pages: Record<string, unknown>[][] = [];
    const states: PostgresState[] = [];
    const signal = new AbortController().signal;
    const until = Number.POSITIVE_INFINITY;
    for await (const page of reader.read({ pipeline: NAME, source, state, until, signal })) {
      const lines = page.parts.flatMap(({ payload }) => Buffer.from(payload).toString().trim().split('\n'));
      pages.push(lines.map((line) => JSON.parse(line) as Record<string, unknown>));
      expect(page.count).toBe(lines.length);
      states.push(page.state);
    }
    return { pages, states };
  }
  const idsOf = ({ pages }: { pages: Record<string, unknown>[][] }): unknown[] => pages.flat().map(({ id }) => id);

  it('gives rows as JSON, with all digits of large numbers and times in UTC', async () => {
    await database.query(
      `INSERT INTO moves VALUES (9007199254740993, '2026-01-01T01:00:00.123456+01', 0.10000000000000000001, 'a "b"')`,
    );
    expect((await read(sourceOf())).pages).toEqual([
      [
        {
          id: '9007199254740993',
          at: '2026-01-01T00:00:00.123456+00:00',
          price: '0.10000000000000000001',
          note: 'a "b"',
          empty: null,
        },
      ],
    ]);
    expect((await read(sourceOf({ columns: ['id'] }))).pages).toEqual([[{ id: '9007199254740993' }]]);
  });

  it('goes on where it stood, among rows of one cursor value too, wherever it was interrupted', async () => {
    await database.query(`INSERT INTO moves SELECT n, '2026-01-01', 1, 'x' FROM generate_series(1, 2500) n`);
    const whole = await read(sourceOf());
    expect(whole.pages.map((page) => page.length)).toEqual([100, 500, 500, 500, 500, 400]);
    const rest = await read(sourceOf(), whole.states[1]);
    expect(idsOf(rest)).toEqual(Array.from({ length: 1_900 }, (_, at) => String(at + 601)));
    expect((await read(sourceOf(), whole.states[5])).pages).toEqual([]);
    await database.query(`INSERT INTO moves VALUES (2501, '2026-01-01', 1, 'late'), (1, '2027-01-01', 2, 'changed')
                          ON CONFLICT (id) DO UPDATE SET at = excluded.at`);
    expect(idsOf(await read(sourceOf(), whole.states[5]))).toEqual(['2501', '1']);
  });

  it('fault 18: passes no row by whose transaction was open while later ones committed', async () => {
    const slow = new Client({ connectionString: postgres.ownerUrl });
    await slow.connect();
    await slow.query('BEGIN');
    await slow.query(`INSERT INTO moves VALUES (1, '2026-01-01', 1, 'slow')`);
    await database.query(`INSERT INTO moves VALUES (2, '2026-01-02', 1, 'fast')`);
    const before = await read(sourceOf());
    await slow.query('COMMIT');
    await slow.end();
    const behind = await read(sourceOf(), before.states.at(-1) ?? {});
    expect([...idsOf(before), ...idsOf(behind)]).toEqual(['1', '2']);
  });

  it('begins anew when it reads another table or column', async () => {
    await database.query(`INSERT INTO moves VALUES (1, '2026-01-01', 1, 'x')`);
    const { states } = await read(sourceOf());
    expect(idsOf(await read(sourceOf({ cursor: 'id' }), states[0]))).toEqual(['1']);
  });

  it.each<[string, Partial<PostgresPull['postgres']>, RegExp]>([
    ['a table that is not there', { table: 'none' }, /has no table none/],
    ['a column that is not there', { cursor: 'none' }, /has no column moves\.none/],
    ['a cursor that is null somewhere', { cursor: 'empty' }, /"empty" is null/],
    ['a tie-breaker that is not unique', { tieBreaker: 'note' }, /no unique index on "note" alone/],
    ['a wrong password', { auth: { user: 'nobody', password: 'x' } }, /refused the user or its password/],
    ['an address that is not allowed', { url: 'postgres://127.0.0.1:1/x' }, /is not reached from here/],
    ['a server that wants no TLS', { tls: 'verify' }, /did not answer/],
  ])('says what is wrong: %s', async (_, change, sentence) => {
    await database.query(`INSERT INTO moves VALUES (1, '2026-01-01', 1, 'x')`);
    await expect(read(sourceOf(change))).rejects.toThrow(sentence);
  });

  it('takes large rows few at a time, and stops at one that is too large for a record, saying which', async () => {
    await database.query(
      `INSERT INTO moves SELECT n, '2026-01-01', 1, repeat('x', 100000) FROM generate_series(1, 200) n`,
    );
    const { pages, states } = await read(sourceOf());
    expect(pages.map((page) => page.length)).toEqual([100, 20, 20, 20, 20, 20]);
    await database.query(`INSERT INTO moves VALUES (201, '2026-01-01', 1, 'x')`);
    await database.query(`INSERT INTO moves VALUES (202, '2026-01-01', 1, repeat('x', 1048576))`);
    const reading = reader.read({
      pipeline: NAME,
      source: sourceOf(),
      state: states.at(-1)!, // there are some
      until: Number.POSITIVE_INFINITY,
      signal: new AbortController().signal,
    });
    expect((await reading.next()).value).toMatchObject({ count: 1, state: { tie: '201' } });
    await expect(reading.next()).rejects.toMatchObject({
      code: 'pull.record_too_large',
      message: expect.stringContaining('The row of moves whose "id" is 202 makes a record of 1048') as string,
    });
  });

  it('writes nothing to its source: the transaction is read-only', async () => {
    await database.query(`
      INSERT INTO moves VALUES (1, '2026-01-01', 1, 'x');
      CREATE TABLE traces (at timestamptz);
      CREATE FUNCTION leave_a_trace() RETURNS boolean LANGUAGE sql AS 'INSERT INTO traces VALUES (now()) RETURNING true';
      CREATE POLICY tricky ON moves USING (leave_a_trace());
      ALTER TABLE moves ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`);
    await expect(read(sourceOf())).rejects.toThrow('cannot execute INSERT in a read-only transaction');
    expect((await database.query('SELECT * FROM traces')).rows).toEqual([]);
  });

  it('reads tables alone: what a view does is not known', async () => {
    await database.query(`CREATE VIEW moved AS SELECT * FROM moves`);
    await expect(read(sourceOf({ table: 'moved' }))).rejects.toThrow(/as something else than a table/);
    await database.query('DROP VIEW moved');
  });
});

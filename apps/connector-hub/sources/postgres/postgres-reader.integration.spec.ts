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
    expect(whole.pages.map((page) => page.length)).toEqual([1_000, 1_000, 500]);
    const rest = await read(sourceOf(), whole.states[0]);
    expect(idsOf(rest)).toEqual(Array.from({ length: 1_500 }, (_, at) => String(at + 1_001)));
    expect((await read(sourceOf(), whole.states[2])).pages).toEqual([]);
    await database.query(`INSERT INTO moves VALUES (2501, '2026-01-01', 1, 'late'), (1, '2027-01-01', 2, 'changed')
                          ON CONFLICT (id) DO UPDATE SET at = excluded.at`);
    expect(idsOf(await read(sourceOf(), whole.states[2]))).toEqual(['2501', '1']);
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

  it('writes nothing to its source: the transaction is read-only', async () => {
    await database.query(`CREATE OR REPLACE FUNCTION leave_a_trace() RETURNS text LANGUAGE sql
      AS $$ INSERT INTO moves VALUES (99, '2026-01-01', 1, 'trace') RETURNING note $$;
      DROP VIEW IF EXISTS tricky; CREATE VIEW tricky AS SELECT 1::bigint AS id, now() AS at, leave_a_trace() AS note`);
    await expect(read(sourceOf({ table: 'tricky' }))).rejects.toThrow(/as something else than a table/);
    expect((await database.query('SELECT 1 FROM moves WHERE id = 99')).rows).toEqual([]);
  });
});

import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock, Ids } from '#libs/clock/clock';
import { QueryDefinition, SavedAnswer } from '#libs/contracts/saved-queries';
import { StorageContract } from '#libs/contracts/storage.contract';
import { Outbox } from '#libs/database/outbox';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { analyticsMigrations } from '../analytics.migrations';
import { Answers } from '../answers';
import { Rollup } from '../rollup.entity';
import { SqlParser } from '../sql/sql-parser';
import { Statements } from '../sql/statements';
import { Targets } from '../targets';
import { QueryShelf } from './query-shelf';
import { SavedAnswers } from './saved-answers';

/** An engine of one dataset that tells what it was asked, and when its data changed. */
class Engine {
  version = 'one';
  readonly asked: unknown[] = [];
  readonly contract = {
    tables: () => Promise.resolve({ tables: [{ name: 'metrics', version: this.version }] }),
    query: (plan: object) => {
      this.asked.push(plan);
      return Promise.resolve({
        columns: [{ name: 'n', type: 'int' }],
        rows: [[this.asked.length]],
        truncated: false,
        rowsScanned: 1,
        repairedBuckets: 0,
        asOf: '2026-01-01T00:00:00.000Z',
        dataVersion: this.version,
      });
    },
    sql: (statement: object) => {
      this.asked.push(statement);
      return Promise.resolve({ columns: [], rows: [], truncated: false, asOf: '', dataVersion: this.version });
    },
  } as unknown as StorageContract; // what answering takes, and no more
}

const BY_HOST: QueryDefinition = {
  parameters: { host: { type: 'string' }, least: { type: 'number', default: 0 } },
  query: {
    dataset: 'metrics',
    measures: { n: 'count()' },
    filters: [
      { column: 'host', op: 'eq', value: '$host' },
      { column: 'value', op: 'ge', value: '$least' },
    ],
  },
};

describe('saved queries', () => {
  let database: TestDatabase;
  let engine: Engine;
  let shelf: QueryShelf;
  let saved: SavedAnswers;
  let parser: SqlParser;
  let projects = 0;
  let project: string;

  beforeAll(async () => {
    database = await openTestDatabase([analyticsMigrations], [Rollup]);
    parser = new SqlParser();
  });
  afterAll(async () => {
    await parser.onApplicationShutdown();
    await database.stop();
  });
  beforeEach(() => {
    project = `p${(projects += 1)}`;
    engine = new Engine();
    const audit = new AuditTrail(new Outbox('analytics'), new Clock(), new Ids());
    shelf = new QueryShelf(database.dataSource, audit);
    const answers = new Answers(engine.contract, new Clock());
    const targets = new Targets(database.dataSource.getRepository(Rollup));
    saved = new SavedAnswers(engine.contract, shelf, answers, targets, new Statements(engine.contract, parser));
  });

  const save = (definition: QueryDefinition) => saved.save({ project, name: 'q', definition });
  const run = (parameters: Readonly<Record<string, string>>, known: string[] = []): Promise<SavedAnswer> =>
    saved.run({ project, name: 'q', parameters, known });
  const audited = async (): Promise<string[]> =>
    (
      await database.dataSource.query<{ action: string }[]>(
        `SELECT body->>'action' AS action FROM analytics.outbox WHERE body->>'project' = $1 ORDER BY created_at`,
        [project],
      )
    ).map(({ action }) => action);

  it('puts values in places as what they are, and never into anything', async () => {
    await save(BY_HOST);
    await run({ host: "x' OR 1=1", least: '2.5' });
    expect(engine.asked).toMatchObject([
      {
        filters: [
          { column: 'host', value: "x' OR 1=1" },
          { column: 'value', value: 2.5 },
        ],
      },
    ]);
    await expect(run({})).rejects.toMatchObject({ code: 'query.parameter_invalid', status: 422 });
    await expect(run({ host: 'a', least: 'many' })).rejects.toMatchObject({ code: 'query.parameter_invalid' });
    await expect(run({ host: 'a', other: '1' })).rejects.toMatchObject({
      code: 'query.parameter_unknown',
      status: 400,
    });
  });

  it('answers from memory, or not at all to who has the answer, until the data or the query changes', async () => {
    await save(BY_HOST);
    const first = await run({ host: 'a' });
    expect(first.etag).toMatch(/^".{43}"$/);
    expect((await run({ host: 'a' })).rows).toEqual(first.rows);
    expect(await run({ host: 'a' }, [first.etag!])).toMatchObject({ unchanged: true, rows: [] });
    expect(engine.asked).toHaveLength(1);
    expect((await run({ host: 'b' }, [first.etag!])).unchanged).toBe(false);
    engine.version = 'two';
    const later = await run({ host: 'a' }, [first.etag!]);
    expect([later.unchanged, later.etag === first.etag, engine.asked.length]).toEqual([false, false, 3]);
    await save({ ...BY_HOST, description: 'another' });
    expect((await run({ host: 'a' }, [later.etag!])).version).toBe(2);
  });

  it('keeps every version, one audit entry a change and none for no change', async () => {
    await save(BY_HOST);
    expect((await save(BY_HOST)).version).toBe(1);
    await save({ sql: 'SELECT count(*) FROM metrics' });
    expect(await shelf.find({ project, name: 'q', version: 1 })).toMatchObject({ definition: BY_HOST });
    await shelf.remove({ project, name: 'q' });
    await expect(run({})).rejects.toMatchObject({ code: 'query.unknown', status: 404 });
    expect(await shelf.all(project)).toEqual([]);
    expect((await save(BY_HOST)).version).toBe(4);
    expect(await audited()).toEqual(['queries.save', 'queries.save', 'queries.remove', 'queries.save']);
  });

  it('keeps a thousand of a project, and counts none that was removed', async () => {
    const fill = (definition: string | null, from: number): Promise<unknown> =>
      database.dataSource.query(
        `INSERT INTO analytics.saved_queries (project, name, version, definition)
         SELECT $1, 'q' || n, 1, $2::jsonb FROM generate_series($3::int, $3::int + 999) AS numbers(n)`,
        [project, definition, from],
      );
    await fill(null, 0);
    expect((await save(BY_HOST)).version).toBe(1);
    await fill(JSON.stringify(BY_HOST), 1_000);
    const another = saved.save({ project, name: 'another', definition: BY_HOST });
    await expect(another).rejects.toMatchObject({ code: 'query.too_many' });
    expect((await save({ ...BY_HOST, description: 'changed' })).version).toBe(2);
  });

  it('refuses to keep what could not run', async () => {
    for (const definition of [
      {},
      { ...BY_HOST, sql: 'SELECT 1' },
      { query: { dataset: 'metrics', measures: { n: 'most(v)' } } },
      { query: { dataset: 'metrics', surely_unknown: 1 } },
      { query: { dataset: '$nowhere', measures: { n: 'count()' } } },
      { sql: 'DROP TABLE metrics' },
      { parameters: { Host: { type: 'string' as const } }, query: BY_HOST.query },
    ]) {
      await expect(save(definition)).rejects.toMatchObject({ status: 422 });
    }
    expect(await audited()).toEqual([]);
  });

  it('gives no ETag to what reads the clock', async () => {
    await save({ sql: 'SELECT count(*) FROM metrics WHERE time > now()' });
    expect((await run({})).etag).toBeUndefined();
    await save({ sql: 'SELECT count(*) FROM metrics' });
    expect((await run({})).etag).toBeDefined();
  });
});

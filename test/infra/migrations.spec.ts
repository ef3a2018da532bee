import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { parse } from 'yaml';
import { SERVICES } from '#libs/contracts/contract';
import { openSchema, roleOf } from '#libs/database/migrations';
import { startTestPostgres, TestPostgres } from '#libs/testing/postgres';
import { loadRoles } from '../../src/roles';
import { ROOT } from '../support/paths';
import { Catalog, readCatalog } from './support/migrations/catalog';
import { contractions } from './support/migrations/contraction';

interface Excuse {
  readonly migration: string;
  readonly findings: readonly string[];
  readonly reason: string;
}

const { excused } = parse(readFileSync(join(ROOT, 'deploy', 'contractions.yaml'), 'utf8')) as { excused: Excuse[] }; // our own file

/** Steps that processes of the release before do not notice. */
const EXPANDS: readonly (readonly [what: string, sql: string])[] = [
  ['a new table', 'CREATE TABLE sample.more (id int PRIMARY KEY REFERENCES sample.things)'],
  ['a column that may be empty', 'ALTER TABLE sample.things ADD COLUMN note text'],
  ['a column with a default', `ALTER TABLE sample.things ADD COLUMN state text NOT NULL DEFAULT 'open'`],
  ['a rule on a new column', 'ALTER TABLE sample.things ADD COLUMN size int CHECK (size > 0)'],
  ['an index', 'CREATE INDEX ON sample.things (name)'],
  ['a default', `ALTER TABLE sample.things ALTER COLUMN name SET DEFAULT 'x'`],
  ['a value that is no longer wanted', 'ALTER TABLE sample.things ALTER COLUMN name DROP NOT NULL'],
  ['a rule that goes', 'ALTER TABLE sample.things DROP CONSTRAINT things_rank_check'],
  ['another name for an index', 'ALTER INDEX sample.things_pkey RENAME TO things_by_id'],
];
/** Steps that would stop processes of the release before, however they are written. */
const CONTRACTS: readonly (readonly [what: string, sql: string, finding: RegExp])[] = [
  ['a table that goes', 'DROP TABLE sample.things', /the table sample\.things$/],
  ['a table under another name', 'ALTER TABLE sample.things RENAME TO items', /the table sample\.things$/],
  ['a column that goes', 'ALTER TABLE sample.things DROP COLUMN rank', /the column sample\.things\.rank$/],
  ['a column under another name', 'ALTER TABLE sample.things RENAME name TO title', /the column sample\.things\.name$/],
  ['another type', 'ALTER TABLE sample.things ALTER rank TYPE bigint', /rank bigint instead of integer$/],
  ['a value wanted of old columns', 'ALTER TABLE sample.things ALTER rank SET NOT NULL', /a value in the column/],
  ['a default that goes', 'ALTER TABLE sample.things ALTER made DROP DEFAULT', /a value in the column .*made$/],
  ['a value wanted of new columns', 'ALTER TABLE sample.things ADD note text NOT NULL', /a value in the new column/],
  ['one more rule', 'ALTER TABLE sample.things ADD CHECK (rank < 10)', /asks more of sample\.things: CHECK/],
  ['one more reference', 'ALTER TABLE sample.things ADD FOREIGN KEY (rank) REFERENCES sample.things', /FOREIGN KEY/],
  ['what has to be unique', 'CREATE UNIQUE INDEX ON sample.things (name)', /asks more of .*UNIQUE/],
  ['what is no longer unique', 'ALTER TABLE sample.things DROP CONSTRAINT things_pkey', /takes away from .*UNIQUE/],
  ['a function that goes', 'DROP FUNCTION sample.twice(int)', /the function sample\.twice\(integer\)$/],
  ['a privilege that goes', 'REVOKE DELETE ON sample.things FROM chartly_app', /to DELETE on sample\.things$/],
  [
    'a trigger on old rows',
    'CREATE TRIGGER held BEFORE UPDATE ON sample.things EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    /a trigger on what was there: sample\.things\.held$/,
  ],
  ['what code hides', `DO $$ BEGIN EXECUTE format('DROP TABLE %I.things', 'sample'); END $$`, /the table/],
];

const SAMPLE = [
  `CREATE TABLE sample.things (
     id   int PRIMARY KEY,
     name text NOT NULL,
     rank int CHECK (rank > 0),
     made timestamptz NOT NULL DEFAULT clock_timestamp()
   )`,
  'CREATE FUNCTION sample.twice(n int) RETURNS int LANGUAGE sql AS $$ SELECT n * 2 $$',
];

describe('the migrations expand, so that the release before works on', () => {
  let postgres: TestPostgres;
  let database: DataSource;
  let catalog: () => Promise<Catalog>;

  beforeAll(async () => {
    postgres = await startTestPostgres();
    database = await new DataSource({ type: 'postgres', url: postgres.ownerUrl, extra: { max: 1 } }).initialize();
    catalog = () => readCatalog(database, roleOf(postgres.appUrl));
  });
  afterAll(async () => {
    await database?.destroy();
    await postgres?.stop();
  });

  it('each of them, or says in deploy/contractions.yaml why not', async () => {
    const found: Omit<Excuse, 'reason'>[] = [];
    let before = await catalog();
    for (const { migrations } of await loadRoles(SERVICES)) {
      if (!migrations) continue;
      await openSchema(postgres.ownerUrl, roleOf(postgres.appUrl), migrations.schema);
      for (const Migration of migrations.migrations) {
        const migration = new Migration();
        const runner = database.createQueryRunner();
        await migration.up(runner);
        await runner.release();
        const after = await catalog();
        const findings = contractions(before, after);
        before = after;
        if (findings.length > 0) found.push({ migration: `${migrations.schema}: ${migration.name}`, findings });
      }
    }
    expect(found).toEqual(excused.map(({ migration, findings }) => ({ migration, findings })));
    for (const { reason } of excused) expect(reason.length).toBeGreaterThan(40);
  });

  describe('and steps that do not are seen', () => {
    beforeEach(async () => {
      await openSchema(postgres.ownerUrl, roleOf(postgres.appUrl), 'sample');
      for (const statement of SAMPLE) await database.query(statement);
    });
    afterEach(async () => {
      await database.query('DROP SCHEMA sample CASCADE');
    });

    const step = async (sql: string): Promise<string[]> => {
      const before = await catalog();
      await database.query(sql);
      return contractions(before, await catalog());
    };

    it.each(EXPANDS)('not %s', async (_, sql) => {
      expect(await step(sql)).toEqual([]);
    });

    it.each(CONTRACTS)('%s', async (_, sql, finding) => {
      expect(await step(sql)).toContainEqual(expect.stringMatching(finding));
    });
  });
});

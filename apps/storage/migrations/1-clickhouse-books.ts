import { MigrationInterface, QueryRunner } from 'typeorm';
import { outboxTableSql } from '#libs/database/outbox';

/** What ClickHouse cannot keep in one transaction with its rows: which appends count, and what is dirty. */
export class StorageClickHouseBooks1 implements MigrationInterface {
  readonly name = 'StorageClickHouseBooks1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE storage.datasets (
        id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        project      text NOT NULL,
        dataset      text NOT NULL,
        definition   jsonb NOT NULL,
        last_append  bigint NOT NULL DEFAULT 0,
        kept_from_us bigint,
        UNIQUE (project, dataset)
      )`);
    await runner.query(`
      CREATE TABLE storage.rollups (
        id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        dataset_id integer NOT NULL REFERENCES storage.datasets,
        name       text NOT NULL,
        definition jsonb NOT NULL,
        last_build bigint NOT NULL DEFAULT 0,
        UNIQUE (dataset_id, name)
      )`);
    // open: its rows may be there in part. stored: they count. replaced: they counted. dead: they never did.
    // fenced: it was replaced before it came.
    await runner.query(`
      CREATE TABLE storage.appends (
        dataset_id integer NOT NULL REFERENCES storage.datasets,
        append_no  bigint NOT NULL,
        append_id  text NOT NULL,
        state      text NOT NULL CHECK (state IN ('open', 'stored', 'replaced', 'dead', 'fenced')),
        came       bigint NOT NULL,
        replaces   text[] NOT NULL DEFAULT '{}',
        stored     bigint NOT NULL DEFAULT 0,
        merged     bigint NOT NULL DEFAULT 0,
        stale      bigint NOT NULL DEFAULT 0,
        duplicate  bigint NOT NULL DEFAULT 0,
        replaced   bigint NOT NULL DEFAULT 0,
        epoch      bigint NOT NULL,
        ended_at   timestamptz,
        purged     boolean NOT NULL DEFAULT false,
        PRIMARY KEY (dataset_id, append_no)
      )`);
    await runner.query(
      `CREATE UNIQUE INDEX appends_once ON storage.appends (dataset_id, append_id) WHERE state <> 'dead'`,
    );
    await runner.query(
      `CREATE INDEX appends_hidden ON storage.appends (dataset_id, append_no) WHERE state <> 'stored' AND NOT purged`,
    );
    await runner.query(`
      CREATE TABLE storage.dirty (
        rollup_id integer NOT NULL REFERENCES storage.rollups ON DELETE CASCADE,
        bucket    bigint NOT NULL,
        PRIMARY KEY (rollup_id, bucket)
      )`);
    await runner.query(`
      CREATE TABLE storage.removals (
        dataset_id integer NOT NULL REFERENCES storage.datasets,
        kind       text NOT NULL CHECK (kind IN ('expired', 'erased', 'replaced')),
        removed    bigint NOT NULL,
        cause      text NOT NULL,
        removed_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await runner.query('CREATE INDEX removals_dataset ON storage.removals (dataset_id)');
    await runner.query(outboxTableSql('storage'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE storage.outbox, storage.removals, storage.dirty, storage.appends, storage.rollups, storage.datasets',
    );
  }
}

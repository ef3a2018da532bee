import { MigrationInterface, QueryRunner } from 'typeorm';

/** What was written to archives, and restored from them. */
export class StorageArchives4 implements MigrationInterface {
  readonly name = 'StorageArchives1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE storage.archive_work (
        id       uuid PRIMARY KEY,
        kind     text NOT NULL,
        archive  uuid NOT NULL,
        project  text NOT NULL,
        dataset  text NOT NULL,
        state    text NOT NULL,
        rows     bigint NOT NULL DEFAULT 0,
        stored   bigint,
        reason   text,
        begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        seen_at  timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await runner.query('CREATE INDEX archive_work_of ON storage.archive_work (project, dataset, begun_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE storage.archive_work');
  }
}

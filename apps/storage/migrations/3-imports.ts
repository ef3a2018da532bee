import { MigrationInterface, QueryRunner } from 'typeorm';

/** Imports that were asked for, each with its receipt when it is done. */
export class StorageImports3 implements MigrationInterface {
  readonly name = 'StorageImports1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE storage.imports (
        project  text NOT NULL,
        dataset  text NOT NULL,
        id       text NOT NULL,
        digest   text NOT NULL,
        receipt  jsonb,
        asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        done_at  timestamptz,
        PRIMARY KEY (project, dataset, id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE storage.imports');
  }
}

import { MigrationInterface, QueryRunner } from 'typeorm';

/** Erasures that were asked for; what they ask stays only until they are done, since it names a person. */
export class StorageErasures2 implements MigrationInterface {
  readonly name = 'StorageErasures1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE storage.removals ADD COLUMN up_to bigint');
    await runner.query(`
      CREATE TABLE storage.erasures (
        erase_id uuid PRIMARY KEY,
        project  text NOT NULL,
        dataset  text NOT NULL,
        asked    text NOT NULL,
        filters  jsonb,
        erased   bigint,
        asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        done_at  timestamptz
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE storage.erasures');
    await runner.query('ALTER TABLE storage.removals DROP COLUMN up_to');
  }
}

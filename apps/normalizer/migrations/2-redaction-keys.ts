import { MigrationInterface, QueryRunner } from 'typeorm';

export class NormalizerRedactionKeys2 implements MigrationInterface {
  readonly name = 'NormalizerRedactionKeys1770000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE normalizer.redaction_keys (
        project text PRIMARY KEY,
        key     bytea NOT NULL,
        made_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Without its redaction key a project hashes otherwise than before: keys are not dropped.');
  }
}

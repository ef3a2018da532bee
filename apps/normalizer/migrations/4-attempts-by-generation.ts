import { MigrationInterface, QueryRunner } from 'typeorm';

/** The failures of a batch are those of one generation, and are forgotten in time. */
export class NormalizerAttemptsByGeneration4 implements MigrationInterface {
  readonly name = 'NormalizerAttemptsByGeneration1770000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE normalizer.attempts
        ADD COLUMN generation int NOT NULL DEFAULT 0,
        ADD COLUMN at timestamptz NOT NULL DEFAULT clock_timestamp()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE normalizer.attempts DROP COLUMN generation, DROP COLUMN at');
  }
}

import { MigrationInterface, QueryRunner } from 'typeorm';

/** A name that was deleted and comes back goes on counting; versions before its first are of another document. */
export class OrchestratorFirstVersion2 implements MigrationInterface {
  readonly name = 'OrchestratorFirstVersion1763942400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE orchestrator.documents ADD COLUMN first_version int NOT NULL DEFAULT 1');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE orchestrator.documents DROP COLUMN first_version');
  }
}

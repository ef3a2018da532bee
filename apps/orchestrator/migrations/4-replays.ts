import { MigrationInterface, QueryRunner } from 'typeorm';

/** A replay is a run that goes on beside those that pull: one of each kind a pipeline. */
export class OrchestratorReplays4 implements MigrationInterface {
  readonly name = 'OrchestratorReplays1763900000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE orchestrator.runs ADD COLUMN replay jsonb`);
    await runner.query(`DROP INDEX orchestrator.runs_one_at_a_time`);
    await runner.query(`
      CREATE UNIQUE INDEX runs_one_at_a_time ON orchestrator.runs (project, pipeline)
      WHERE state IN ('queued', 'running') AND replay IS NULL`);
    await runner.query(`
      CREATE UNIQUE INDEX replays_one_at_a_time ON orchestrator.runs (project, pipeline)
      WHERE state IN ('queued', 'running', 'paused') AND replay IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM orchestrator.runs WHERE replay IS NOT NULL`);
    await runner.query(`DROP INDEX orchestrator.replays_one_at_a_time`);
    await runner.query(`ALTER TABLE orchestrator.runs DROP COLUMN replay`);
  }
}

import { MigrationInterface, QueryRunner } from 'typeorm';
import { idempotencyTableSql } from '#libs/idempotency/tables';

export class OrchestratorIdempotency3 implements MigrationInterface {
  readonly name = 'OrchestratorIdempotency1763949600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(idempotencyTableSql('orchestrator'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE orchestrator.idempotency');
  }
}

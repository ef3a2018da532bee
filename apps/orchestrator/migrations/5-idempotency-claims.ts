import { MigrationInterface, QueryRunner } from 'typeorm';
import { claimsTableSql } from '#libs/idempotency/tables';

export class OrchestratorIdempotencyClaims5 implements MigrationInterface {
  readonly name = 'OrchestratorIdempotencyClaims1763950000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(claimsTableSql('orchestrator'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE orchestrator.idempotency_claims');
  }
}

import { MigrationInterface, QueryRunner } from 'typeorm';
import { claimsTableSql, idempotencyTableSql } from '#libs/idempotency/tables';

export class AuditIdempotency9 implements MigrationInterface {
  readonly name = 'AuditIdempotency1764000700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(idempotencyTableSql('audit'));
    await runner.query(claimsTableSql('audit'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit.idempotency_claims, audit.idempotency');
  }
}

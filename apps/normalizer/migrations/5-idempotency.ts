import { MigrationInterface, QueryRunner } from 'typeorm';
import { claimsTableSql, idempotencyTableSql } from '#libs/idempotency/tables';

export class NormalizerIdempotency5 implements MigrationInterface {
  readonly name = 'NormalizerIdempotency1770000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(idempotencyTableSql('normalizer'));
    await runner.query(claimsTableSql('normalizer'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE normalizer.idempotency_claims, normalizer.idempotency');
  }
}

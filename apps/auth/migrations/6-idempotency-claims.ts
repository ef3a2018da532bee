import { MigrationInterface, QueryRunner } from 'typeorm';
import { claimsTableSql } from '#libs/idempotency/tables';

export class AuthIdempotencyClaims6 implements MigrationInterface {
  readonly name = 'AuthIdempotencyClaims1764040000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(claimsTableSql('auth'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE auth.idempotency_claims');
  }
}

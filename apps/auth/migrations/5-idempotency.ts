import { MigrationInterface, QueryRunner } from 'typeorm';
import { idempotencyTableSql } from '#libs/idempotency/tables';

export class AuthIdempotency5 implements MigrationInterface {
  readonly name = 'AuthIdempotency1764039000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(idempotencyTableSql('auth'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE auth.idempotency');
  }
}

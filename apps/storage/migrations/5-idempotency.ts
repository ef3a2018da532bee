import { MigrationInterface, QueryRunner } from 'typeorm';
import { claimsTableSql, idempotencyTableSql } from '#libs/idempotency/tables';

export class StorageIdempotency5 implements MigrationInterface {
  readonly name = 'StorageIdempotency1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(idempotencyTableSql('storage'));
    await runner.query(claimsTableSql('storage'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE storage.idempotency_claims, storage.idempotency');
  }
}

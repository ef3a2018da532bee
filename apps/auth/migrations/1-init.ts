import { MigrationInterface, QueryRunner } from 'typeorm';
import { outboxTableSql } from '#libs/database/outbox';

export class AuthInit1 implements MigrationInterface {
  readonly name = 'AuthInit1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE auth.api_keys (
        id           uuid PRIMARY KEY,
        name         text NOT NULL,
        role         text NOT NULL,
        project      text NOT NULL,
        secret_hash  bytea NOT NULL,
        created_at   timestamptz NOT NULL,
        expires_at   timestamptz NOT NULL,
        revoked_at   timestamptz,
        last_used_at timestamptz
      )`);
    await runner.query(`
      CREATE TABLE auth.setup_tokens (
        secret_hash bytea PRIMARY KEY,
        expires_at  timestamptz NOT NULL,
        used_at     timestamptz
      )`);
    await runner.query(outboxTableSql('auth'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE auth.outbox, auth.setup_tokens, auth.api_keys');
  }
}

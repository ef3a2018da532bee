import { MigrationInterface, QueryRunner } from 'typeorm';

/** How far each destination has come: the first index that it has not taken. */
export class AuditForwarded5 implements MigrationInterface {
  readonly name = 'AuditForwarded1764000300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE audit.forwarded (destination text PRIMARY KEY, next bigint NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit.forwarded');
  }
}

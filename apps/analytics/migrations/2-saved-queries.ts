import { MigrationInterface, QueryRunner } from 'typeorm';
import { outboxTableSql } from '#libs/database/outbox';

export class SavedQueries2 implements MigrationInterface {
  readonly name = 'SavedQueries1764037200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE analytics.saved_queries (
        project    text NOT NULL,
        name       text NOT NULL,
        version    int NOT NULL,
        definition jsonb,
        saved_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (project, name, version)
      )`);
    await runner.query(outboxTableSql('analytics'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE analytics.outbox');
    await runner.query('DROP TABLE analytics.saved_queries');
  }
}

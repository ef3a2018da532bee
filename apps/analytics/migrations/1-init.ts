import { MigrationInterface, QueryRunner } from 'typeorm';

export class AnalyticsInit1 implements MigrationInterface {
  readonly name = 'AnalyticsInit1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE analytics.rollups (
        project    text NOT NULL,
        name       text NOT NULL,
        pipeline   text NOT NULL,
        version    int NOT NULL,
        dataset    text NOT NULL,
        definition jsonb NOT NULL,
        PRIMARY KEY (project, name)
      )`);
    await runner.query('CREATE INDEX rollups_of_pipeline ON analytics.rollups (project, pipeline)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE analytics.rollups');
  }
}

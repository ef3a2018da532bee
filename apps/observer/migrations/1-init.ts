import { MigrationInterface, QueryRunner } from 'typeorm';

export class ObserverInit1 implements MigrationInterface {
  readonly name = 'ObserverInit1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE observer.watched (
        project  text NOT NULL,
        pipeline text NOT NULL,
        version  int NOT NULL,
        dataset  text NOT NULL,
        active   boolean NOT NULL DEFAULT true,
        PRIMARY KEY (project, pipeline)
      )`);
    await runner.query(`
      CREATE TABLE observer.checks (
        id         uuid PRIMARY KEY,
        project    text NOT NULL,
        pipeline   text NOT NULL,
        checked_at timestamptz NOT NULL,
        balanced   boolean NOT NULL,
        problems   jsonb NOT NULL
      )`);
    await runner.query('CREATE INDEX checks_newest ON observer.checks (project, pipeline, checked_at DESC)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE observer.checks, observer.watched');
  }
}

import { MigrationInterface, QueryRunner } from 'typeorm';

export class NormalizerInit1 implements MigrationInterface {
  readonly name = 'NormalizerInit1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE normalizer.versions (
        project      text NOT NULL,
        pipeline     text NOT NULL,
        version      int NOT NULL,
        steps        jsonb NOT NULL,
        installed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (project, pipeline, version)
      )`);
    await runner.query(`
      CREATE TABLE normalizer.quarantine (
        batch_id     uuid NOT NULL,
        generation   int NOT NULL,
        index        int NOT NULL,
        project      text NOT NULL,
        pipeline     text NOT NULL,
        version      int NOT NULL,
        step         text NOT NULL,
        reason       text NOT NULL,
        raw          bytea NOT NULL,
        at           timestamptz NOT NULL DEFAULT clock_timestamp(),
        discarded_at timestamptz,
        PRIMARY KEY (batch_id, generation, index)
      )`);
    await runner.query(`
      CREATE INDEX quarantine_newest ON normalizer.quarantine (project, pipeline, at DESC, batch_id DESC, index DESC)`);
    await runner.query(`
      CREATE TABLE normalizer.attempts (
        batch_id uuid PRIMARY KEY,
        failures int NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE normalizer.attempts, normalizer.quarantine, normalizer.versions');
  }
}

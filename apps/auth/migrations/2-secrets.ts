import { MigrationInterface, QueryRunner } from 'typeorm';

export class AuthSecrets2 implements MigrationInterface {
  readonly name = 'AuthSecrets1764036000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE auth.secrets (
        project      text NOT NULL,
        name         text NOT NULL,
        provider     text NOT NULL,
        version      int NOT NULL,
        sealed       bytea,
        wrapped_key  bytea,
        key_id       text,
        created_at   timestamptz NOT NULL,
        changed_at   timestamptz NOT NULL,
        changed_by   text NOT NULL,
        last_used_at timestamptz,
        PRIMARY KEY (project, name),
        CHECK (num_nulls(sealed, wrapped_key, key_id) = CASE provider WHEN 'own' THEN 0 ELSE 3 END)
      )`);
    await runner.query(`
      CREATE TABLE auth.secret_versions (
        project text NOT NULL,
        name    text NOT NULL,
        version int NOT NULL,
        PRIMARY KEY (project, name)
      )`);
    await runner.query('CREATE INDEX secrets_by_key ON auth.secrets (key_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE auth.secret_versions, auth.secrets');
  }
}

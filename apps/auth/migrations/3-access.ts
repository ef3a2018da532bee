import { MigrationInterface, QueryRunner } from 'typeorm';

export class AuthAccess3 implements MigrationInterface {
  readonly name = 'AuthAccess1764037000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE auth.users (
        id            uuid PRIMARY KEY,
        name          text NOT NULL UNIQUE,
        display_name  text NOT NULL,
        email         text,
        state         text NOT NULL,
        origin        text NOT NULL,
        issuer        text,
        subject       text,
        external_id   text,
        created_at    timestamptz NOT NULL,
        changed_at    timestamptz NOT NULL,
        last_login_at timestamptz,
        UNIQUE (issuer, subject)
      )`);
    await runner.query(`
      CREATE TABLE auth.groups (
        id          uuid PRIMARY KEY,
        name        text NOT NULL UNIQUE,
        origin      text NOT NULL,
        external_id text,
        created_at  timestamptz NOT NULL,
        changed_at  timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE auth.group_members (
        group_id uuid NOT NULL REFERENCES auth.groups ON DELETE CASCADE,
        user_id  uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
        origin   text NOT NULL,
        PRIMARY KEY (group_id, user_id)
      )`);
    await runner.query('CREATE INDEX group_members_by_user ON auth.group_members (user_id)');
    await runner.query(`
      CREATE TABLE auth.service_accounts (
        id          uuid PRIMARY KEY,
        project     text NOT NULL,
        name        text NOT NULL,
        description text NOT NULL,
        created_at  timestamptz NOT NULL,
        UNIQUE (project, name)
      )`);
    await runner.query(`
      CREATE TABLE auth.roles (
        scope       text NOT NULL,
        name        text NOT NULL,
        description text NOT NULL,
        rules       jsonb NOT NULL,
        changed_at  timestamptz NOT NULL,
        changed_by  text NOT NULL,
        PRIMARY KEY (scope, name)
      )`);
    await runner.query(`
      CREATE TABLE auth.role_bindings (
        scope       text NOT NULL,
        name        text NOT NULL,
        role        text NOT NULL,
        role_scope  text,
        subjects    jsonb NOT NULL,
        subject_ids uuid[] NOT NULL,
        changed_at  timestamptz NOT NULL,
        changed_by  text NOT NULL,
        PRIMARY KEY (scope, name),
        FOREIGN KEY (role_scope, role) REFERENCES auth.roles (scope, name)
      )`);
    await runner.query('CREATE INDEX role_bindings_by_subject ON auth.role_bindings USING gin (subject_ids)');
    await runner.query(`
      ALTER TABLE auth.api_keys
        ALTER COLUMN role DROP NOT NULL,
        ALTER COLUMN project DROP NOT NULL,
        ADD COLUMN account_id uuid REFERENCES auth.service_accounts ON DELETE CASCADE,
        ADD COLUMN scope jsonb,
        ADD CHECK (num_nulls(role, account_id) = 1 AND num_nulls(project, account_id) = 1)`);
    await runner.query('CREATE INDEX api_keys_by_account ON auth.api_keys (account_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DELETE FROM auth.api_keys WHERE account_id IS NOT NULL');
    await runner.query('ALTER TABLE auth.api_keys DROP COLUMN account_id, DROP COLUMN scope');
    await runner.query(
      'DROP TABLE auth.role_bindings, auth.roles, auth.service_accounts, auth.group_members, auth.groups, auth.users',
    );
  }
}

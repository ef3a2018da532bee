import { MigrationInterface, QueryRunner } from 'typeorm';

export class AuthSessions4 implements MigrationInterface {
  readonly name = 'AuthSessions1764038000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE auth.sealed_values (
        id          text PRIMARY KEY,
        sealed      bytea NOT NULL,
        wrapped_key bytea NOT NULL,
        key_id      text NOT NULL
      )`);
    await runner.query('CREATE INDEX sealed_values_by_key ON auth.sealed_values (key_id)');
    await runner.query(`
      CREATE TABLE auth.passwords (
        user_id    uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE,
        hash       text NOT NULL,
        changed_at timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE auth.sessions (
        id              uuid PRIMARY KEY,
        user_id         uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
        methods         text[] NOT NULL,
        agent           text,
        address         text,
        created_at      timestamptz NOT NULL,
        last_used_at    timestamptz NOT NULL,
        expires_at      timestamptz NOT NULL,
        revoked_at      timestamptz,
        revoked_because text
      )`);
    await runner.query('CREATE INDEX sessions_by_user ON auth.sessions (user_id)');
    await runner.query(`
      CREATE TABLE auth.refresh_tokens (
        hash        bytea PRIMARY KEY,
        session_id  uuid NOT NULL REFERENCES auth.sessions ON DELETE CASCADE,
        created_at  timestamptz NOT NULL,
        used_at     timestamptz,
        next_sealed bytea
      )`);
    await runner.query('CREATE INDEX refresh_tokens_by_session ON auth.refresh_tokens (session_id)');
    await runner.query(`
      CREATE TABLE auth.signing_keys (
        kid        text PRIMARY KEY,
        public_jwk jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        retired_at timestamptz
      )`);
    await runner.query(`
      CREATE TABLE auth.login_failures (
        key            text PRIMARY KEY,
        failures       int NOT NULL,
        last_failed_at timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE auth.totp (
        user_id      uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE,
        confirmed_at timestamptz,
        last_step    bigint NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE auth.recovery_codes (
        user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
        hash    bytea NOT NULL,
        used_at timestamptz,
        PRIMARY KEY (user_id, hash)
      )`);
    await runner.query(`
      CREATE TABLE auth.passkeys (
        id           text PRIMARY KEY,
        user_id      uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
        name         text NOT NULL,
        public_key   bytea NOT NULL,
        counter      bigint NOT NULL,
        transports   text[] NOT NULL,
        created_at   timestamptz NOT NULL,
        last_used_at timestamptz
      )`);
    await runner.query('CREATE INDEX passkeys_by_user ON auth.passkeys (user_id)');
    await runner.query(`
      CREATE TABLE auth.challenges (
        id         text PRIMARY KEY,
        kind       text NOT NULL,
        user_id    uuid REFERENCES auth.users ON DELETE CASCADE,
        body       jsonb NOT NULL,
        expires_at timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE auth.identity_providers (
        name       text PRIMARY KEY,
        settings   jsonb NOT NULL,
        changed_at timestamptz NOT NULL,
        changed_by text NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE auth.identity_providers, auth.challenges, auth.passkeys, auth.recovery_codes, auth.totp,
        auth.login_failures, auth.signing_keys, auth.refresh_tokens, auth.sessions, auth.passwords, auth.sealed_values`);
  }
}

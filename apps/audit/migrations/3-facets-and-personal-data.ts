import { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  /* What entries are searched by; follows from their leaves. */
  `CREATE TABLE audit.facets (
     index      bigint PRIMARY KEY,
     time       timestamptz NOT NULL,
     actor_kind text NOT NULL,
     actor_id   text NOT NULL,
     action     text NOT NULL,
     target     text NOT NULL,
     project    text,
     outcome    text NOT NULL
   )`,
  `INSERT INTO audit.facets (index, time, actor_kind, actor_id, action, target, project, outcome)
   SELECT index, (leaf::jsonb ->> 'time')::timestamptz, leaf::jsonb #>> '{actor,kind}', leaf::jsonb #>> '{actor,id}',
          leaf::jsonb ->> 'action', leaf::jsonb ->> 'target', leaf::jsonb ->> 'project', leaf::jsonb ->> 'outcome'
   FROM audit.entries
   WHERE leaf::jsonb ? 'action'`,
  `CREATE INDEX facets_actor ON audit.facets (actor_id, index)`,
  `CREATE INDEX facets_action ON audit.facets (action text_pattern_ops, index)`,
  `CREATE INDEX facets_target ON audit.facets (target text_pattern_ops, index)`,
  `CREATE INDEX facets_time ON audit.facets (time)`,
  /* One key a person, and another one for what comes after an erasure; without it what is sealed under it cannot be read by anybody. */
  `CREATE TABLE audit.subjects (
     subject    text PRIMARY KEY,
     key_id     uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
     key        bytea NOT NULL,
     created_at timestamptz NOT NULL DEFAULT clock_timestamp()
   )`,
  `CREATE TABLE audit.personal_data (
     index  bigint NOT NULL,
     path   text NOT NULL,
     key_id uuid NOT NULL,
     sealed bytea NOT NULL,
     PRIMARY KEY (index, path)
   )`,
  `CREATE INDEX personal_data_key ON audit.personal_data (key_id)`,
];

/** Rule 12. Of a subject the key alone can be taken away, and nothing changed. */
const SEAL = `
  DO $$
  DECLARE role name;
  BEGIN
    FOR role IN
      SELECT DISTINCT grantee FROM information_schema.role_table_grants
       WHERE table_schema = 'audit' AND grantee NOT IN (current_user, 'PUBLIC')
    LOOP
      EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit.facets, audit.personal_data FROM %I', role);
      EXECUTE format('REVOKE UPDATE, TRUNCATE ON audit.subjects FROM %I', role);
    END LOOP;
  END $$`;

export class AuditFacetsAndPersonalData3 implements MigrationInterface {
  readonly name = 'AuditFacetsAndPersonalData1764000100000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
    await runner.query(SEAL);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit.personal_data, audit.subjects, audit.facets');
  }
}

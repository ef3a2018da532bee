import { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE audit.entries (
     index       bigint PRIMARY KEY,
     entry_id    uuid NOT NULL UNIQUE,
     leaf        text NOT NULL,
     appended_at timestamptz NOT NULL DEFAULT clock_timestamp()
   )`,
  /* The roots of perfect subtrees: level 0 are the leaves' hashes, node (level, index) covers 2^level leaves. */
  `CREATE TABLE audit.nodes (
     level int NOT NULL,
     index bigint NOT NULL,
     hash  bytea NOT NULL,
     PRIMARY KEY (level, index)
   )`,
  `CREATE TABLE audit.checkpoints (
     size      bigint PRIMARY KEY,
     root      bytea NOT NULL,
     note      text NOT NULL,
     signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
   )`,
];

/** Rule 12: what is written stays as it is, for the role that the services run under. */
const SEAL = `
  DO $$
  DECLARE role name;
  BEGIN
    FOR role IN
      SELECT DISTINCT grantee FROM information_schema.role_table_grants
       WHERE table_schema = 'audit' AND grantee NOT IN (current_user, 'PUBLIC')
    LOOP
      EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit.entries, audit.nodes, audit.checkpoints FROM %I', role);
    END LOOP;
  END $$`;

export class AuditInit1 implements MigrationInterface {
  readonly name = 'AuditInit1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
    await runner.query(SEAL);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit.checkpoints, audit.nodes, audit.entries');
  }
}

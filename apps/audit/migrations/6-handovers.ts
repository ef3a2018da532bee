import { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the log went over to another key: the head that the key before signed over the entry that names it. */
const TABLE = `
  CREATE TABLE audit.handovers (
    size bigint PRIMARY KEY,
    key  text NOT NULL,
    leaf text NOT NULL,
    note text NOT NULL
  )`;

/** Rule 12. */
const SEAL = `
  DO $$
  DECLARE role name;
  BEGIN
    FOR role IN
      SELECT DISTINCT grantee FROM information_schema.role_table_grants
       WHERE table_schema = 'audit' AND grantee NOT IN (current_user, 'PUBLIC')
    LOOP
      EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit.handovers FROM %I', role);
    END LOOP;
  END $$`;

export class AuditHandovers6 implements MigrationInterface {
  readonly name = 'AuditHandovers1764000400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    await runner.query(SEAL);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit.handovers');
  }
}

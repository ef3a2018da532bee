import { MigrationInterface, QueryRunner } from 'typeorm';

/** What witnesses said of checkpoints: their lines, to be put under the note. */
const TABLE = `
  CREATE TABLE audit.cosignatures (
    size    bigint NOT NULL REFERENCES audit.checkpoints (size),
    witness text NOT NULL,
    line    text NOT NULL,
    PRIMARY KEY (size, witness)
  )`;

const SEAL = `
  DO $$
  DECLARE role name;
  BEGIN
    FOR role IN
      SELECT DISTINCT grantee FROM information_schema.role_table_grants
       WHERE table_schema = 'audit' AND grantee NOT IN (current_user, 'PUBLIC')
    LOOP
      EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit.cosignatures FROM %I', role);
    END LOOP;
  END $$`;

export class AuditCosignatures4 implements MigrationInterface {
  readonly name = 'AuditCosignatures1764000200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    await runner.query(SEAL);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit.cosignatures');
  }
}

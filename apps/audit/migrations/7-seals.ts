import { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  /* How many entries were sealed, from the first on, and where the entry lies that says so. */
  `CREATE TABLE audit.seals (
     entries   bigint PRIMARY KEY,
     index     bigint NOT NULL,
     sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
   )`,
  /*
   * Rule 12 holds for the services' role; what it may have deleted are whole tiles of entries whose hashes are kept, once
   * an entry of the log says that they are sealed.
   */
  `CREATE FUNCTION audit.drop_sealed(until bigint) RETURNS void
     LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
   AS $$
   BEGIN
     IF until % 256 <> 0
        OR NOT EXISTS (
          SELECT FROM audit.seals s JOIN audit.entries e USING (index)
           WHERE s.entries = until AND s.index >= until
             AND e.leaf LIKE '{"action":"audit.seal",%"target":"AuditEntries/0-' || (until - 1) || '"%')
        OR (SELECT count(*) FROM audit.tiles WHERE level = 0 AND index < until / 256) <> until / 256
     THEN
       RAISE EXCEPTION 'Entries are dropped only where their hashes are kept and an entry of the log says so.';
     END IF;
     DELETE FROM audit.personal_data WHERE index < until;
     DELETE FROM audit.facets WHERE index < until;
     DELETE FROM audit.entries WHERE index < until;
   END $$`,
  `REVOKE ALL ON FUNCTION audit.drop_sealed(bigint) FROM PUBLIC`,
];

const SEAL = `
  DO $$
  DECLARE role name;
  BEGIN
    FOR role IN
      SELECT DISTINCT grantee FROM information_schema.role_table_grants
       WHERE table_schema = 'audit' AND grantee NOT IN (current_user, 'PUBLIC')
    LOOP
      EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit.seals FROM %I', role);
      EXECUTE format('GRANT EXECUTE ON FUNCTION audit.drop_sealed(bigint) TO %I', role);
    END LOOP;
  END $$`;

export class AuditSeals7 implements MigrationInterface {
  readonly name = 'AuditSeals1764000500000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
    await runner.query(SEAL);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION audit.drop_sealed(bigint)');
    await runner.query('DROP TABLE audit.seals');
  }
}

import { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  /* Where the entries stood that are sealed: an id is taken once, however late it is sent again. It names nobody. */
  `CREATE TABLE audit.sealed_entries (
     entry_id uuid PRIMARY KEY,
     index    bigint NOT NULL
   )`,
  `CREATE OR REPLACE FUNCTION audit.drop_sealed(until bigint) RETURNS void
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
     WITH sealed AS (DELETE FROM audit.entries WHERE index < until RETURNING entry_id, index)
     INSERT INTO audit.sealed_entries (entry_id, index) SELECT entry_id, index FROM sealed;
   END $$`,
];

/** Rule 12: the services' role reads what is sealed, and writes it by no other way than `drop_sealed`. */
const SEAL = `
  DO $$
  DECLARE role name;
  BEGIN
    FOR role IN
      SELECT DISTINCT grantee FROM information_schema.role_table_grants
       WHERE table_schema = 'audit' AND grantee NOT IN (current_user, 'PUBLIC')
    LOOP
      EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit.sealed_entries FROM %I', role);
    END LOOP;
  END $$`;

export class AuditSealedEntries8 implements MigrationInterface {
  readonly name = 'AuditSealedEntries1764000600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
    await runner.query(SEAL);
  }

  async down(): Promise<void> {
    throw new Error(
      'The ids of sealed entries would be gone, and one that is sent again be logged twice; restore a backup instead.',
    );
  }
}

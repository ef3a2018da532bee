import { MigrationInterface, QueryRunner } from 'typeorm';

/** Full tiles of 256 hashes (C2SP tlog-tiles); what is not full yet follows from the entries and the roots below. */
const STATEMENTS = [
  `CREATE TABLE audit.tiles (
     level  int NOT NULL,
     index  bigint NOT NULL,
     hashes bytea NOT NULL,
     root   bytea NOT NULL,
     PRIMARY KEY (level, index)
   )`,
  `INSERT INTO audit.tiles (level, index, hashes, root)
   SELECT below.level / 8, below.tile, below.hashes, above.hash
   FROM (
     SELECT level, index / 256 AS tile, string_agg(hash, ''::bytea ORDER BY index) AS hashes, count(*) AS width
     FROM audit.nodes WHERE level % 8 = 0 GROUP BY level, index / 256
   ) below
   JOIN audit.nodes above ON above.level = below.level + 8 AND above.index = below.tile
   WHERE below.width = 256`,
  `DROP TABLE audit.nodes`,
];

/** Rule 12. */
const SEAL = `
  DO $$
  DECLARE role name;
  BEGIN
    FOR role IN
      SELECT DISTINCT grantee FROM information_schema.role_table_grants
       WHERE table_schema = 'audit' AND grantee NOT IN (current_user, 'PUBLIC')
    LOOP
      EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit.tiles FROM %I', role);
    END LOOP;
  END $$`;

/** One row of hashes for 256 entries instead of two rows an entry. */
export class AuditTiles2 implements MigrationInterface {
  readonly name = 'AuditTiles1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
    await runner.query(SEAL);
  }

  async down(): Promise<void> {
    throw new Error('The hashes of single entries are gone; restore a backup instead.');
  }
}

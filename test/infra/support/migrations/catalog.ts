import { DataSource } from 'typeorm';

interface Column {
  readonly type: string;
  /** NULL is refused, and who writes a row without it has no default to stand in. */
  readonly wanted: boolean;
}

/** A rule on rows: a check, a reference, an exclusion, or columns that are unique together. */
interface Constraint {
  readonly table: string;
  readonly columns: readonly string[];
  /** As Postgres writes it, without its name: names may change. */
  readonly says: string;
  readonly unique: boolean;
}

/** What processes of a release can rely on in a database: names of tables as `schema.table`, of columns with it. */
export interface Catalog {
  readonly tables: readonly string[];
  readonly columns: Readonly<Record<string, Column>>;
  readonly constraints: readonly Constraint[];
  readonly functions: readonly string[];
  readonly triggers: readonly string[];
  /** What the application's role may do: `INSERT on schema.table`. */
  readonly privileges: readonly string[];
}

/** What stands in the database now, but for Postgres's own and TypeORM's history. */
export async function readCatalog(database: DataSource, appRole: string): Promise<Catalog> {
  const [{ catalog }] = await database.query<[{ catalog: Catalog }]>(CATALOG, [appRole]);
  return catalog;
}

const CATALOG = `
  WITH tables AS (
    SELECT c.oid, n.nspname || '.' || c.relname AS name, c.relacl
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relname <> 'schema_migrations'
       AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  ), columns AS (
    SELECT t.name || '.' || a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
           a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS wanted
      FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid WHERE a.attnum > 0 AND NOT a.attisdropped
  ), constraints AS (
    SELECT t.name AS "table", pg_get_constraintdef(k.oid) AS says, false AS unique,
           ARRAY(SELECT a.attname::text FROM pg_attribute a
                  WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) ORDER BY 1) AS columns
      FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid WHERE k.contype IN ('c', 'f', 'x')
    UNION ALL
    SELECT t.name, 'UNIQUE ' || regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', ''), true,
           ARRAY(SELECT a.attname::text FROM pg_attribute a
                  WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) ORDER BY 1)
      FROM tables t JOIN pg_index i ON i.indrelid = t.oid WHERE i.indisunique
  )
  SELECT json_build_object(
    'tables', (SELECT coalesce(json_agg(name), '[]') FROM tables),
    'columns', (SELECT coalesce(json_object_agg(name, json_build_object('type', type, 'wanted', wanted)), '{}') FROM columns),
    'constraints', (SELECT coalesce(json_agg(constraints), '[]') FROM constraints),
    'functions', (SELECT coalesce(json_agg(p.oid::regprocedure::text), '[]')
                    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                   WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')),
    'triggers', (SELECT coalesce(json_agg(t.name || '.' || g.tgname), '[]')
                   FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal),
    'privileges', (SELECT coalesce(json_agg(g.privilege_type || ' on ' || t.name), '[]')
                     FROM tables t CROSS JOIN LATERAL aclexplode(t.relacl) g JOIN pg_roles r ON r.oid = g.grantee
                    WHERE r.rolname = $1)
  ) AS catalog`;

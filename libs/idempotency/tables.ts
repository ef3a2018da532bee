/** The table of replies, where the schema has no other table of this name. */
export const REPLIES = 'idempotency';

/** The statement that makes a schema's table of replies; it belongs into a migration of the service. */
export const idempotencyTableSql = (schema: string, table = REPLIES): string => `
  CREATE TABLE ${schema}.${table} (
    scope      text NOT NULL,
    key        text NOT NULL,
    digest     text NOT NULL,
    reply      jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (scope, key)
  )`;

/** The statement that makes a schema's table of work under way that is more than one transaction. */
export const claimsTableSql = (schema: string): string => `
  CREATE TABLE ${schema}.idempotency_claims (
    scope text NOT NULL,
    key   text NOT NULL,
    claim uuid NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (scope, key)
  )`;

import type { SourceCommon } from './common';

/** Reads the rows of a Postgres table in the order of a column that grows. */
export interface PostgresPull extends SourceCommon {
  readonly postgres: PostgresSource;
}

export interface PostgresSource {
  /** `postgres://host:port/database`, without a user; may be `${connection.NAME}`. */
  readonly url: string;
  readonly auth: { readonly user: string; readonly password: string };
  /** `off` for a server without TLS; certificates are checked otherwise. */
  readonly tls?: 'verify' | 'off';
  /** `table` or `schema.table`. */
  readonly table: string;
  /** All when left out. */
  readonly columns?: readonly string[];
  /** A column that never shrinks as rows are added or changed: a time of the last change, a sequence. */
  readonly cursor: string;
  /** A column that tells rows of one cursor value apart, with a unique index of its own: the primary key, say. */
  readonly tieBreaker: string;
}

import type { SourceCommon } from './common';

/** Asks an HTTP API, page by page. */
export interface HttpPull extends SourceCommon {
  readonly http: HttpSource;
  readonly paginate?: Pagination;
  readonly cursor?: CursorSpec;
}

export interface HttpSource {
  /** Absolute URL; may start with `${connection.NAME}`, which apply replaces by that connection's URL. */
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** JSONPath (RFC 9535) of the records in a page; the whole body when left out. */
  readonly records?: string;
  readonly format?: 'json' | 'ndjson';
}

/** Exactly one member. */
export interface Pagination {
  readonly offset?: {
    readonly param: string;
    /** The offset of the first record, 0 when left out. */
    readonly start?: number;
    readonly size: { readonly param: string; readonly value: number };
  };
  /** JSONPath of the next page's URL in the page before it; absent or null ends the pull. */
  readonly nextUrl?: { readonly path: string };
}

/** How a pull goes on where the last one ended. */
export interface CursorSpec {
  /** JSONPath, within one record, of the value that grows: a number (epoch milliseconds) or an RFC 3339 time. */
  readonly path: string;
  /** The query parameter that carries the cursor, as an RFC 3339 time. */
  readonly param: string;
  /** The cursor of the first pull, as an RFC 3339 time. */
  readonly start: string;
  /** How far behind the newest value the next pull begins, for sources that publish late. */
  readonly lookback?: string;
}

import type { SourceCommon } from './common';

/** Asks an HTTP API, page by page. */
export interface HttpPull extends SourceCommon {
  readonly http: HttpSource;
  readonly parent?: ParentStream;
  readonly paginate?: Pagination;
  readonly cursor?: CursorSpec;
  readonly window?: WindowSpec;
}

export const HTTP_METHODS = ['GET', 'POST', 'PUT'] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];

export type Scalar = string | number | boolean;

/**
 * A request and how to read its answer. Texts of the URL, the query, the headers and the body are templates: `${cursor}`,
 * `${window.from}`, `${window.to}`, `${page.offset}`, `${page.size}`, `${page.number}`, `${page.cursor}` and
 * `${parent.NAME}` are filled in for every request; `$${` writes a plain `${`. A query parameter that is nothing but a
 * template without a value is left out.
 */
export interface HttpSource {
  /** Absolute URL; may start with `${connection.NAME}`, which apply replaces by that connection's URL. */
  readonly url: string;
  readonly method?: HttpMethod;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, Scalar>>;
  readonly body?: HttpBody;
  readonly auth?: HttpAuth;
  /**
   * The records of a page: in json by JSONPath (RFC 9535), the whole body when left out; in xml by a path of elements as
   * `/rss/channel/item`, the elements inside the root when left out. Lines of ndjson and rows of csv are records all.
   */
  readonly records?: string;
  readonly format?: HttpFormat;
  /** Whether to ask with the ETag and Last-Modified of the last answer, when it was a whole pull. True when left out. */
  readonly conditional?: boolean;
}

export const HTTP_FORMATS = ['json', 'ndjson', 'csv', 'xml'] as const;
export type HttpFormat = (typeof HTTP_FORMATS)[number];

/** Exactly one member. A text in `json` that is one template keeps the type of its value. */
export interface HttpBody {
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, Scalar>>;
  readonly text?: { readonly type: string; readonly value: string };
}

/** Exactly one member. Its texts may hold `${secret.NAME}`; what they make is sent to the origin of `url` alone. */
export interface HttpAuth {
  readonly basic?: { readonly username: string; readonly password: string };
  readonly bearer?: { readonly token: string };
  readonly apiKey?: ApiKey;
  /** Headers of any names, for those who want several. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly oauth2?: OAuth2;
}

/** Exactly one of `header` and `query`: the name under which the key is sent. */
export interface ApiKey {
  readonly header?: string;
  readonly query?: string;
  readonly value: string;
}

/** Client credentials (RFC 6749 §4.4). */
export interface OAuth2 {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
  /** Further parameters of the token request, as some servers want them: `audience`, `resource`. */
  readonly params?: Readonly<Record<string, string>>;
  /** How the client tells who it is: HTTP Basic (when left out), or parameters of the body. */
  readonly clientAuth?: 'basic' | 'body';
}

/** Records of another request, for each of which `http` is asked once. */
export interface ParentStream {
  readonly http: HttpSource;
  readonly paginate?: Pagination;
  /** Name -> JSONPath within a parent record; a request for its children takes them as `${parent.NAME}`. */
  readonly values: Readonly<Record<string, string>>;
  /** The member under which a child record, an object, gets its parent's values; none when left out. */
  readonly as?: string;
}

/** Exactly one of `offset`, `page`, `cursor`, `nextUrl`, `linkHeader` and `none`. */
export interface Pagination {
  readonly offset?: OffsetPages;
  readonly page?: NumberedPages;
  readonly cursor?: CursorPages;
  /** JSONPath of the next page's URL in the page before it; absent or null ends the pull. */
  readonly nextUrl?: { readonly path: string };
  /** The URL that the answer's Link header gives (RFC 8288), by its relation: `next` when left out. */
  readonly linkHeader?: { readonly rel?: string };
  readonly none?: Readonly<Record<string, never>>;
  /** JSONPath of a boolean in the page that tells whether there is more. */
  readonly more?: string;
  /** How many pages in a row may be empty though more are promised; none when left out. */
  readonly emptyPages?: number;
}

/**
 * What ends pages that are counted: an empty page (when left out), or one with fewer records than were asked for. A
 * server that gives fewer than it is asked for would end a pull by `short` at its first page.
 */
export type PagesEnd = 'empty' | 'short';

export interface PageSize {
  /** The query parameter; none when templates carry `${page.size}`. */
  readonly param?: string;
  readonly value: number;
}

export interface OffsetPages {
  /** The query parameter; none when templates carry `${page.offset}`. */
  readonly param?: string;
  /** The offset of the first record, 0 when left out. */
  readonly start?: number;
  readonly size: PageSize;
  readonly end?: PagesEnd;
}

export interface NumberedPages {
  /** The query parameter; none when templates carry `${page.number}`. */
  readonly param?: string;
  /** The number of the first page, 1 when left out. */
  readonly start?: number;
  readonly size?: PageSize;
  readonly end?: PagesEnd;
}

export interface CursorPages {
  /** JSONPath of the next page's cursor in the page before it; absent, null or empty ends the pull. */
  readonly path: string;
  /** The query parameter; none when templates carry `${page.cursor}`. */
  readonly param?: string;
}

export const CURSOR_TYPES = ['time', 'number', 'text'] as const;
export const TIME_FORMATS = ['rfc3339', 'rfc3339_s', 'epoch_ms', 'epoch_s', 'date'] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];

/** How a pull goes on where the last one ended. */
export interface CursorSpec {
  /** JSONPath, within one record, of the value that grows. */
  readonly path: string;
  /** `time` when left out. Texts are compared by their UTF-16 code units. */
  readonly type?: (typeof CURSOR_TYPES)[number];
  /**
   * How times are sent: RFC 3339 with milliseconds (when left out) or seconds, a number, a date. Numbers in records are
   * milliseconds since 1970, and seconds with `epoch_s`.
   */
  readonly format?: TimeFormat;
  /** The query parameter that carries the cursor; none when templates carry `${cursor}`. */
  readonly param?: string;
  /** The cursor of the first pull; without one the first pull asks for everything. */
  readonly start?: string | number;
  /** How far behind the newest value the next pull begins, for sources that publish late: a duration, or a number. */
  readonly lookback?: string | number;
}

/** Asks for one stretch of time after the other, from the cursor to now. */
export interface WindowSpec {
  readonly size: string;
  /** The query parameter that carries the end of the stretch; none when templates carry `${window.to}`. */
  readonly param?: string;
}

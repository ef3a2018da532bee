/** The envelope that every document carries. */
export interface Metadata {
  readonly name: string;
  readonly project: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface PipelineDocument {
  readonly apiVersion: 'chartly.io/v1';
  readonly kind: 'Pipeline';
  readonly metadata: Metadata;
  readonly spec: PipelineSpec;
}

export interface SchemaDocument {
  readonly apiVersion: 'chartly.io/v1';
  readonly kind: 'Schema';
  readonly metadata: Metadata;
  readonly spec: { readonly version: number; readonly jsonSchema: JsonSchema };
}

export interface ConnectionDocument {
  readonly apiVersion: 'chartly.io/v1';
  readonly kind: 'Connection';
  readonly metadata: Metadata;
  readonly spec: { readonly url: string; readonly headers?: Readonly<Record<string, string>> };
}

export type Document = PipelineDocument | SchemaDocument | ConnectionDocument;
export type DocumentKind = Document['kind'];
export const DOCUMENT_KINDS = ['Schema', 'Connection', 'Pipeline'] as const satisfies readonly DocumentKind[];

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface PipelineSpec {
  /** When the source is pulled; a pipeline without one is pulled only by hand, or takes pushes alone. */
  readonly schedule?: Schedule;
  /** Where data is pulled from; without one the pipeline takes pushes alone. */
  readonly source?: Source;
  readonly steps: readonly Step[];
  readonly store: Store;
  readonly rollups?: readonly RollupSpec[];
}

/** Exactly one of `every` and `cron`. Durations are written as `30s`, `5m`, `6h`. */
export interface Schedule {
  readonly every?: string;
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron?: string;
  /** An IANA zone for `cron`, `UTC` when left out. */
  readonly timezone?: string;
  /** What happens when a tick falls due while the run before it still goes on: the tick is skipped and recorded so. */
  readonly overlap?: 'skip';
  /** How long a run may take in all, 1 hour when left out. */
  readonly timeout?: string;
  /** How often a failed step is tried again before the run fails. */
  readonly retry?: Retry;
}

export interface Retry {
  readonly max: number;
  readonly backoff?: 'exponential' | 'fixed';
  /** The wait before the first retry, 1 s when left out. */
  readonly initial?: string;
}

export interface Source {
  readonly http: HttpSource;
  readonly paginate?: Pagination;
  readonly cursor?: CursorSpec;
  readonly limits?: SourceLimits;
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

export interface SourceLimits {
  /** Requests per time, as `60/m`, `10/s` or `1000/h`. */
  readonly rate?: string;
  readonly concurrency?: 1;
  readonly retry?: Retry;
}

export const STEP_KINDS = [
  'map',
  'set',
  'unset',
  'rename',
  'filter',
  'split',
  'lookup',
  'redact',
  'reshape',
  'validate',
] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/**
 * Exactly one member names the step's kind; `name` labels it in errors and counters. Until the first `map` the record
 * itself is worked on; from there on the row that maps build.
 */
export interface Step {
  readonly name?: string;
  /** Output field -> CEL expression. */
  readonly map?: Readonly<Record<string, string>>;
  /** Field -> CEL expression: adds or replaces fields and leaves the others. */
  readonly set?: Readonly<Record<string, string>>;
  /** Fields to take away. */
  readonly unset?: readonly string[];
  /** Old name -> new name. */
  readonly rename?: Readonly<Record<string, string>>;
  /** A CEL expression; a record for which it is false is counted as filtered and goes no further. */
  readonly filter?: string;
  /** A CEL expression that gives a list: each item goes on as a record of its own. */
  readonly split?: string;
  readonly lookup?: Lookup;
  /** Field -> what becomes of it; below a map a field of the row, before it a dotted path in the record. */
  readonly redact?: Readonly<Record<string, Redaction>>;
  /** A JSONata expression that gives the record its new form. The first step, or none. */
  readonly reshape?: { readonly jsonata: string };
  readonly validate?: { readonly schema: string; readonly onFail?: 'quarantine' };
}

/** A row of the small table that a lookup holds. */
export type LookupRow = Readonly<Record<string, string | number | boolean | null>>;

export interface Lookup {
  /** A CEL expression; what it gives is compared as text. */
  readonly key: string;
  readonly table: Readonly<Record<string, LookupRow>>;
  /** Output field -> member of the table's row. */
  readonly set: Readonly<Record<string, string>>;
  /** What happens when the table has no such key: fields are null (when left out), or the record is quarantined. */
  readonly missing?: 'null' | 'quarantine';
}

export const REDACTIONS = ['drop', 'hash', 'mask'] as const;
/** `drop` takes the field away, `hash` gives its HMAC-SHA-256 under the project's key, `mask` covers all but an end. */
export type Redaction = (typeof REDACTIONS)[number];

export interface Store {
  readonly dataset: string;
  /** The column that holds the event's time. */
  readonly time: string;
  /** The columns that, with the time, tell one event from another. */
  readonly key: readonly string[];
  readonly mode?: 'append';
  /** Column -> type, when no schema names them. */
  readonly columns?: Readonly<Record<string, StoreColumnType>>;
}

export const COLUMN_TYPES = ['string', 'int', 'double', 'bool', 'timestamp', 'json'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];
/** A column type as a document writes it; `?` behind it lets the column be null. */
export type StoreColumnType = ColumnType | `${ColumnType}?`;

export interface RollupSpec {
  readonly name: string;
  /** The width of a bucket; at least 1 s. Buckets start at multiples of it from 1970-01-01T00:00:00Z. */
  readonly bucket: string;
  readonly by?: readonly string[];
  /** Measure name -> call, as in `max(magnitude)`. */
  readonly measures: Readonly<Record<string, string>>;
}

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

/** The most rows that a lookup may have, written out or read from a dataset. */
export const LOOKUP_ROWS_MAX = 10_000;

/** Finds a row by its key: of a table that is written out, or of a dataset as it is when the version is applied. */
export interface Lookup {
  /** A CEL expression; what it gives is compared as text. */
  readonly key: string;
  /** In a document either this or `dataset`; in a version always. */
  readonly table?: Readonly<Record<string, LookupRow>>;
  /** A dataset of the project, read when the version is applied. */
  readonly dataset?: string;
  /** The dataset's column that the key is looked for in. */
  readonly by?: string;
  /** Output field -> member of the table's row. */
  readonly set: Readonly<Record<string, string>>;
  /** What happens when the table has no such key: fields are null (when left out), or the record is quarantined. */
  readonly missing?: 'null' | 'quarantine';
}

export const REDACTIONS = ['drop', 'hash', 'mask'] as const;
/** `drop` takes the field away, `hash` gives its HMAC-SHA-256 under the project's key, `mask` covers all but an end. */
export type Redaction = (typeof REDACTIONS)[number];

export interface Store {
  readonly dataset: string;
  /** The column that holds the event's time. */
  readonly time: string;
  /** The columns that, with the time, tell one event from another. */
  readonly key: readonly string[];
  /** `append` (the default) keeps every distinct event, `merge` of each key the row with the newest version. */
  readonly mode?: StoreMode;
  /** With `merge`: the column that says which row of a key is newer; an int, a double or a timestamp. */
  readonly version?: string;
  /** With `merge`: the bool column that is true in a row that deletes its key. */
  readonly deleted?: string;
  /** With `append`: a key is stored once, whatever its time. Without it the key and the time together are. */
  readonly dedupe?: { readonly by: 'key' };
  /** How long a row is kept, counted from the event's time, as in `90d`; for ever when left out. */
  readonly retain?: string;
  /** Column -> type, when no schema names them. */
  readonly columns?: Readonly<Record<string, StoreColumnType>>;
}

export const STORE_MODES = ['append', 'merge'] as const;
export type StoreMode = (typeof STORE_MODES)[number];

/** Column names that storage keeps for itself: the append that stored a row, and the row's place in it. */
export const RESERVED_COLUMNS: ReadonlySet<string> = new Set(['_append', '_row']);

export const COLUMN_TYPES = ['string', 'int', 'double', 'bool', 'timestamp', 'json'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];
/** A column type as a document writes it; `?` behind it lets the column be null. */
export type StoreColumnType = ColumnType | `${ColumnType}?`;

export interface RollupSpec {
  readonly name: string;
  /** The width of a bucket; at least 1 s. Buckets start at multiples of it from 1970-01-01T00:00:00Z. */
  readonly bucket: string;
  readonly by?: readonly string[];
  /** Measure name -> call, as in `max(magnitude)`. */
  readonly measures: Readonly<Record<string, string>>;
}

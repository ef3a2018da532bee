import { DuckDBValue, timestampValue } from '@duckdb/node-api';
import { ComparedValue } from '#libs/query/checked-filter';

/** The values of a statement, in the order of their `$1`, `$2` …: nothing a caller sent becomes SQL text. */
export class Parameters {
  readonly values: DuckDBValue[] = [];

  /** Keeps the value and gives the place that stands for it. */
  add(value: DuckDBValue): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  compared({ type, value }: ComparedValue): string {
    return this.add(type === 'timestamp' ? timestampValue(value) : value);
  }
}

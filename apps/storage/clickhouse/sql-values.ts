import { ComparedValue } from '#libs/query/checked-filter';

const TYPE_OF = { string: 'String', int: 'Int64', timestamp: 'Int64', double: 'Float64', bool: 'Bool' } as const;

/** The values of a statement, by the place that stands for each: nothing a caller sent becomes SQL text. */
export class SqlValues {
  readonly params: Record<string, string | number | boolean> = {};
  private count = 0;

  compared({ type, value }: ComparedValue): string {
    return this.add(TYPE_OF[type], typeof value === 'bigint' ? value.toString() : value);
  }

  text(value: string): string {
    return this.add('String', value);
  }

  private add(type: string, value: string | number | boolean): string {
    this.count += 1;
    const name = `v${this.count}`;
    this.params[name] = value;
    return `{${name}:${type}}`;
  }
}

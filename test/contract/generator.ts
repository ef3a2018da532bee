import { METRICS_PIPELINE } from '../scenarios/pushed-events';
import { PULLED_PIPELINE } from './examples';
import { filled, OpenApi, Operation, Parameter, Schema } from './openapi';

/** One generated request. */
export interface Request {
  readonly operation: Operation;
  readonly path: string;
  readonly body?: string;
  readonly type?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Texts that have broken something somewhere before. */
const NASTY = [
  '',
  ' ',
  '0',
  '-1',
  'null',
  'a'.repeat(64),
  'a'.repeat(5_000),
  '\u0000',
  'a\u0000b',
  '\ud83d\ude00',
  '\u202e',
  "'; DROP TABLE x; --",
  '"',
  '\\',
  '%00',
  '%',
  '../../etc/passwd',
  '${jndi:x}',
  '__proto__',
  'constructor',
  '9'.repeat(30),
  '1e400',
  'NaN',
  '2026-02-30T25:61:61Z',
  '0000-00-00',
  '2026-01-01T00:00:00+99:99',
  '-271821-04-20T00:00:00.000Z',
  '+275760-09-13T00:00:00.001Z',
  '2026-01-01T00:00:00Z',
  '1h',
  '999999999d',
  'max(value)',
  'count(',
  'count()',
  'sum(' + '('.repeat(100),
  'host',
  'value',
  'metrics',
  'metrics_hourly',
];
const NUMBERS = [0, -0, 1, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 53) - 2, 1e308, 100_001, 1_000];
const DEPTH_MAX = 4;

/** Requests from the API's own description: some valid, some a little wrong, some quite wrong; the same for the same seed. */
export class Generator {
  constructor(
    private readonly openApi: OpenApi,
    private readonly known: readonly string[],
    private readonly random: () => number,
  ) {}

  next(operation: Operation): Request {
    const params = operation.parameters.filter((one) => one.in === 'path');
    const values = Object.fromEntries(params.map((one) => [one.name, this.pathValue(one)]));
    const query = this.query(operation);
    const { body, type } = this.body(operation);
    return {
      operation,
      path: `${filled(operation.path, values)}${query}`,
      ...(body === undefined ? {} : { body, type }),
      headers: this.headers(operation),
    };
  }

  private pathValue({ name, schema }: Parameter): string {
    if (this.chance(0.75)) {
      if (schema.enum) return String(this.pick(schema.enum));
      if (name === 'project') return 'default';
      if (schema.type === 'integer') return String(this.integer(schema));
      return this.pick(this.known);
    }
    const text = this.text().slice(0, 200);
    return text === '' || text === '.' || text === '..' ? 'x' : text; // a client drops these, and with them the place
  }

  private query({ parameters }: Operation): string {
    const chosen = parameters.filter(
      (one) => one.in === 'query' && (one.required ? this.chance(0.9) : this.chance(0.4)),
    );
    const pairs = chosen.map(({ name, schema }): [string, string] => [name, String(this.scalar(schema))]);
    if (this.chance(0.05))
      pairs.push([this.pick(['unknown', 'limit', 'cursor', '__proto__', 'constructor']), this.text()]);
    const text = new URLSearchParams(
      pairs.map(([name, value]): [string, string] => [name, value.toWellFormed()]),
    ).toString();
    return text === '' ? '' : `?${text}`;
  }

  private body({ body, verb }: Operation): { body?: string; type?: string } {
    if (!body) return this.chance(0.05) && verb !== 'GET' ? { body: this.text(), type: 'application/json' } : {};
    const types = Object.keys(body);
    const type = this.chance(0.97)
      ? this.pick(types)
      : this.pick(['text/plain', 'application/json;charset=utf-16', 'x']);
    const schema = body[type]?.schema ?? {};
    if (schema.$ref === undefined)
      return { body: type === 'application/x-ndjson' ? this.events() : this.document(), type };
    const text = JSON.stringify(this.value(schema, 0));
    return { body: this.chance(0.1) ? this.damaged(text) : text, type };
  }

  private headers({ parameters }: Operation): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const { name } of parameters.filter((one) => one.in === 'header')) {
      if (!this.chance(0.2)) continue;
      headers[name] = this.pick(['*', '"x"', 'W/"x"', 'x', 'k-1', 'two words', '"a", "b"', ...this.known]);
    }
    if (this.chance(0.02)) headers['content-encoding'] = this.pick(['gzip', 'br', 'zstd', 'deflate', 'identity']);
    if (this.chance(0.02)) headers['if-none-match'] = this.pick(['*', '"x"', 'x']);
    return headers;
  }

  /** A value for a schema; every now and then one that does not fit it. */
  private value(schema: Schema, depth: number): unknown {
    const { type, properties, items, required, enum: allowed } = this.openApi.resolve(schema);
    if (depth > DEPTH_MAX || this.chance(0.06)) return this.anything(depth);
    if (allowed) return this.pick(allowed);
    if (properties) {
      const names = Object.keys(properties).filter((name) => this.chance(required?.includes(name) ? 0.95 : 0.4));
      const object = Object.fromEntries(names.map((name) => [name, this.value(properties[name]!, depth + 1)]));
      return this.chance(0.04) ? { ...object, [this.text()]: 1 } : object;
    }
    if (type === 'array') return Array.from({ length: this.below(4) }, () => this.value(items ?? {}, depth + 1));
    if (type === undefined) return this.anything(depth);
    return this.scalar(schema);
  }

  private scalar(schema: Schema): unknown {
    const { type, enum: allowed, ...rest } = this.openApi.resolve(schema);
    if (allowed) return this.chance(0.9) ? this.pick(allowed) : this.text();
    if (type === 'integer' || type === 'number') return this.chance(0.9) ? this.integer(rest) : this.pick(NUMBERS);
    if (type === 'boolean') return this.chance(0.5);
    return this.chance(0.5) ? this.pick(this.known) : this.text();
  }

  private integer({ minimum = 0, maximum = 1_000 }: Schema): number {
    return this.pick([minimum, maximum, minimum - 1, maximum + 1, minimum + this.below(maximum - minimum + 1)]);
  }

  private anything(depth: number): unknown {
    const kinds: (() => unknown)[] = [
      () => null,
      () => this.chance(0.5),
      () => this.pick(NUMBERS),
      () => this.text(),
      () => (depth > DEPTH_MAX ? [] : Array.from({ length: this.below(3) }, () => this.anything(depth + 1))),
      () => (depth > DEPTH_MAX ? {} : { [this.text()]: this.anything(depth + 1) }),
      () => ({ n: this.pick(['count()', 'max(value)', 'p95(value)', 'sum(host)', 'distinct(host)']) }),
    ];
    return this.pick(kinds)();
  }

  private document(): string {
    const text = this.pick([
      METRICS_PIPELINE,
      PULLED_PIPELINE,
      '{}',
      'kind: Pipeline',
      '- a',
      'a: &a [*a]',
      this.text(),
    ]);
    return this.chance(0.4) ? text : this.damaged(text);
  }

  private events(): string {
    const line = (): string =>
      JSON.stringify({ id: `f-${this.below(1_000)}`, t: this.pick(NUMBERS), host: this.text(), v: this.pick(NUMBERS) });
    const text = Array.from({ length: 1 + this.below(5) }, line).join('\n');
    return this.chance(0.7) ? `${text}\n` : this.damaged(text);
  }

  private damaged(text: string): string {
    if (text === '') return '{';
    const at = this.below(text.length);
    const length = this.below(8);
    return (
      text.slice(0, at) +
      this.pick([...NASTY, ':', '\n', '  ', '{', '}', '[', ']', '"', '- ', '#', '&a', '*a', '!!js/function']) +
      text.slice(at + length)
    );
  }

  private text(): string {
    return this.chance(0.8)
      ? this.pick(NASTY)
      : String.fromCodePoint(...Array.from({ length: 1 + this.below(10) }, () => this.below(0xd7ff)));
  }

  private pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!; // below its length
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  private chance(share: number): boolean {
    return this.random() < share;
  }
}

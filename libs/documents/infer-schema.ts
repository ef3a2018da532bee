import { JsonSchema } from './json-schema';

/** Above so many different names an object is taken for a map of values that are alike. */
const NAMES_MAX = 200;
/** Values below this are taken as anything: no record is that deep. */
const DEPTH_MAX = 64;

const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
const FORMATS: readonly (readonly [name: string, fits: (text: string) => boolean])[] = [
  ['date-time', (text) => DATE_TIME.test(text) && isDay(text.slice(0, 10)) && !Number.isNaN(Date.parse(text))],
  ['date', (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isDay(text)],
  ['uuid', (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)],
];

export interface InferOptions {
  /** No other properties than those that were seen. */
  readonly closed?: boolean;
}

/**
 * A JSON Schema (2020-12) that accepts all of the samples: types as they came, `required` what each object had, a format
 * where each text has it. It names no values and no bounds: a sample shows neither. O(size of the samples).
 */
export function inferSchema(samples: Iterable<unknown>, options: InferOptions = {}): JsonSchema {
  const seen = new Seen();
  for (const sample of samples) seen.add(sample, 0);
  return seen.schema(options);
}

/** What the values at one place are. */
class Seen {
  private readonly types = new Set<string>();
  private texts = 0;
  private readonly formats = new Set(FORMATS.map(([name]) => name));
  private objects = 0;
  private readonly members = new Map<string, { readonly seen: Seen; times: number }>();
  private items?: Seen;

  add(value: unknown, depth: number): void {
    const type = typeOf(value);
    this.types.add(type);
    if (depth >= DEPTH_MAX) return;
    if (typeof value === 'string') this.addText(value);
    else if (Array.isArray(value)) {
      this.items ??= new Seen();
      for (const item of value) this.items.add(item, depth + 1);
    } else if (type === 'object') this.addObject(value as object, depth); // by its type
  }

  schema(options: InferOptions): JsonSchema {
    if (this.types.size === 0) return {};
    const types = [...this.types].filter((type) => type !== 'integer' || !this.types.has('number')).sort();
    return {
      type: types.length === 1 ? types[0] : types,
      ...(this.format === undefined ? {} : { format: this.format }),
      ...(this.types.has('object') ? this.objectSchema(options) : {}),
      ...(this.items && this.items.types.size > 0 ? { items: this.items.schema(options) } : {}),
    };
  }

  private addText(text: string): void {
    this.texts += 1;
    for (const [name, fits] of FORMATS) if (this.formats.has(name) && !fits(text)) this.formats.delete(name);
  }

  private addObject(value: object, depth: number): void {
    this.objects += 1;
    for (const [name, member] of Object.entries(value)) {
      const known = this.members.get(name) ?? { seen: new Seen(), times: 0 };
      known.times += 1;
      known.seen.add(member, depth + 1);
      this.members.set(name, known);
    }
  }

  private get format(): string | undefined {
    return this.texts === 0 ? undefined : FORMATS.find(([name]) => this.formats.has(name))?.[0];
  }

  private objectSchema(options: InferOptions): JsonSchema {
    if (this.members.size > NAMES_MAX) return {};
    const members = [...this.members];
    const required = members.filter(([, { times }]) => times === this.objects).map(([name]) => name);
    return {
      ...(required.length === 0 ? {} : { required }),
      properties: Object.fromEntries(members.map(([name, { seen }]) => [name, seen.schema(options)])),
      ...(options.closed ? { additionalProperties: false } : {}),
    };
  }
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** Whether the month has such a day: `Date` takes the 30th of February for the 2nd of March. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

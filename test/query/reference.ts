import { QueryRequest } from '#libs/contracts/analytics.contract';
import { FilterNode } from '#libs/contracts/query-filter';
import { Cell } from '#libs/contracts/query-plan';

/** A row as a plain object; times are milliseconds since 1970. */
export type Row = Readonly<Record<string, unknown>>;
type Value = string | number | boolean | null;
type Truth = boolean | null;

/** The types of the columns that the reference knows of. */
export const TIMES = new Set(['time', 'seen']);

/**
 * What a question's answer must be, computed in the plainest way there is: loops over rows, nothing shared with the
 * product. It knows the part of the language that the generator speaks, and reads that from the request itself.
 */
export function referenceAnswer(request: QueryRequest, rows: readonly Row[]): { columns: string[]; rows: Cell[][] } {
  const zone = request.zone ?? 'UTC';
  const inRange = (row: Row, from: number | undefined, to: number | undefined): boolean => {
    const time = Number(row.time);
    return (from === undefined || time >= from) && (to === undefined || time < to);
  };
  const from = request.from === undefined ? undefined : Date.parse(request.from);
  const to = request.to === undefined ? undefined : Date.parse(request.to);
  const matching = rows.filter((row) =>
    (request.filters ?? []).every((node) => truth(node, (name) => read(row, name)) === true),
  );
  if (request.columns)
    return plainRows(
      request,
      matching.filter((row) => inRange(row, from, to)),
    );
  const now = matching.filter((row) => inRange(row, from, to));
  const top = request.top ? topGroups(request, now) : undefined;
  const answer = grouped(request, zone, now, { from, to }, top);
  let all = answer.map(({ start, keys, values }) => ({ start, keys, values, was: undefined as Value[] | undefined }));
  if (request.compare !== undefined) {
    const lag = to! - from!; // the generator compares with the period before, and gives both ends
    const then = grouped(
      request,
      zone,
      matching.filter((row) => inRange(row, from! - lag, from)),
      { from: from! - lag, to: from },
      top,
    );
    const empty = Object.keys(request.measures ?? {}).map(() => null);
    all = all.map((row) => ({ ...row, was: empty }));
    for (const row of then) {
      const start = row.start === undefined ? undefined : row.start + lag;
      const found = all.find((one) => one.start === start && JSON.stringify(one.keys) === JSON.stringify(row.keys));
      if (found) found.was = row.values;
      else all.push({ start, keys: row.keys, values: empty, was: row.values });
    }
  }
  const names = Object.keys(request.measures ?? {});
  const columns = [
    ...(request.bucket === undefined ? [] : ['bucket']),
    ...(request.dimensions ?? []),
    ...(request.top?.other ? ['other'] : []),
    ...names,
    ...(request.compare === undefined ? [] : names.map((name) => `${name}_before`)),
  ];
  const table = all.map(({ start, keys, values, was }): Value[] => [
    ...(start === undefined ? [] : [start]),
    ...keys,
    ...values,
    ...(was ?? []),
  ]);
  const certain = columns.slice(0, columns.length - names.length * (request.compare === undefined ? 1 : 2));
  const kept = table.filter((row) =>
    (request.having ?? []).every((node) => truth(node, (name) => row[columns.indexOf(name)] ?? null) === true),
  );
  sortRows(kept, columns, [
    ...(request.order ?? []).map(({ by, direction }) => ({ by, descending: direction === 'desc' })),
    ...certain.map((by) => ({ by, descending: false })),
  ]);
  return { columns, rows: kept.slice(0, request.limit ?? 1_000).map((row) => cells(row, columns)) };
}

interface Group {
  readonly start: number | undefined;
  readonly keys: Value[];
  readonly values: Value[];
}

function grouped(
  request: QueryRequest,
  zone: string,
  rows: readonly Row[],
  period: { from: number | undefined; to: number | undefined },
  top: string[] | undefined,
): Group[] {
  const series = new Map<string, { keys: Value[]; buckets: Map<number, Row[]> }>();
  for (const row of rows) {
    const own = (request.dimensions ?? []).map((name) => read(row, name));
    const isTop = top === undefined || top.includes(JSON.stringify(own));
    if (!isTop && !request.top?.other) continue;
    const keys = request.top?.other ? [...(isTop ? own : own.map(() => null)), !isTop] : own;
    const one = series.get(JSON.stringify(keys)) ?? { keys, buckets: new Map<number, Row[]>() };
    series.set(JSON.stringify(keys), one);
    const start = request.bucket === undefined ? 0 : startOf(request.bucket, zone, Number(row.time));
    one.buckets.set(start, [...(one.buckets.get(start) ?? []), row]);
  }
  const seen = [...series.values()].flatMap(({ buckets }) => [...buckets.keys()]);
  const isWhole = request.bucket === undefined && (request.dimensions ?? []).length === 0;
  if (
    series.size === 0 &&
    (isWhole || (request.fill !== undefined && (request.dimensions ?? []).length === 0 && !request.top))
  ) {
    series.set('[]', { keys: [], buckets: isWhole ? new Map([[0, []]]) : new Map<number, Row[]>() });
  }
  return [...series.values()].flatMap(({ keys, buckets }) => {
    const starts =
      request.fill === undefined
        ? [...buckets.keys()].sort((a, b) => a - b)
        : everyStart(request.bucket!, zone, period, seen);
    const columns = Object.values(request.measures ?? {}).map((call) =>
      evaluate(call, starts, buckets, request, zone, period),
    );
    return starts.map((start, at) => ({
      start: request.bucket === undefined ? undefined : start,
      keys,
      values: columns.map((column) => column[at] ?? null),
    }));
  });
}

function everyStart(
  bucket: string,
  zone: string,
  { from, to }: { from?: number; to?: number },
  seen: number[],
): number[] {
  const first = from ?? Math.min(...seen);
  const end = to ?? Math.max(...seen) + 1;
  const starts = new Set<number>();
  if (!Number.isFinite(first) || !Number.isFinite(end)) return [];
  for (let at = first; at < end; at += 15 * 60_000) starts.add(startOf(bucket, zone, at));
  starts.add(startOf(bucket, zone, end - 1));
  return [...starts].filter((start) => start < end).sort((a, b) => a - b);
}

function evaluate(
  call: string,
  starts: number[],
  buckets: Map<number, Row[]>,
  request: QueryRequest,
  zone: string,
  period: { from?: number; to?: number },
): Value[] {
  const [, fn = '', inner = ''] = /^(\w+)\((.*)\)$/.exec(call) ?? [];
  const within = (text: string): (number | null)[] =>
    evaluate(text, starts, buckets, request, zone, period).map((value) => (value === null ? null : Number(value)));
  if (fn === 'rate') {
    return within(inner).map((value, at) => {
      const seconds =
        request.bucket === undefined
          ? (period.to! - period.from!) / 1_000
          : (endOf(request.bucket, zone, starts[at]!) - starts[at]!) / 1_000;
      return value === null ? null : value / seconds;
    });
  }
  if (fn === 'delta' || fn === 'increase') {
    return within(inner).map((value, at, all) => {
      const before = all[at - 1] ?? null;
      if (at === 0 || value === null || before === null) return null;
      return fn === 'increase' && value < before ? value : value - before;
    });
  }
  if (fn === 'cumulative') {
    let total: number | null = null;
    return within(inner).map((value) => (total = value === null ? total : (total ?? 0) + value));
  }
  if (fn === 'moving_avg') {
    const [, of = '', n = ''] = /^(.*), (\d+)$/.exec(inner) ?? [];
    return within(of).map((_, at, all) => {
      const window = all.slice(Math.max(0, at + 1 - Number(n)), at + 1).filter((value) => value !== null);
      return window.length === 0 ? null : window.reduce((a, b) => a + b, 0) / window.length;
    });
  }
  if (fn === 'ratio') {
    const [, of = '', below = ''] = /^(.*), (\w+\(.*\))$/.exec(inner) ?? [];
    const right = within(below);
    return within(of).map((value, at) =>
      value === null || right[at] === null || right[at] === 0 ? null : value / right[at]!,
    );
  }
  return fillGaps(
    starts,
    starts.map((start) => {
      const rows = buckets.get(start);
      return rows === undefined ? undefined : aggregate(fn, inner, rows);
    }),
    request,
    numericAnswer(fn, inner),
  );
}

/** A bucket without rows is undefined here; one whose value is null stays null. */
function fillGaps(starts: number[], values: (Value | undefined)[], { fill }: QueryRequest, numeric: boolean): Value[] {
  return values.map((value, at) => {
    if (value !== undefined) return value;
    if (fill === 'zero') return numeric ? 0 : null;
    const before = values.slice(0, at).findLastIndex((one) => one !== undefined && one !== null);
    if (fill === 'previous') return before < 0 ? null : (values[before] ?? null);
    const after = values.findIndex((one, index) => index > at && one !== undefined && one !== null);
    if (fill !== 'linear' || !numeric || before < 0 || after < 0) return null;
    const share = (starts[at]! - starts[before]!) / (starts[after]! - starts[before]!);
    return Number(values[before]) + (Number(values[after]) - Number(values[before])) * share;
  });
}

const numericAnswer = (fn: string, inner: string): boolean =>
  ['count', 'distinct', 'sum', 'avg', 'stddev', 'quantile'].includes(fn) || /^(n|v|payload\.size)$/.test(inner);

function aggregate(fn: string, inner: string, rows: readonly Row[]): Value {
  const [name = '', q] = inner.split(', ');
  if (fn === 'count') return name === '' ? rows.length : rows.filter((row) => read(row, name) !== null).length;
  const numeric = name.startsWith('payload.') && fn !== 'distinct';
  const valueOf = (row: Row): Value => (numeric ? numberAt(row, name) : read(row, name));
  if (fn === 'first' || fn === 'last') {
    const times = rows.map((row) => Number(row.time));
    const edge = fn === 'first' ? Math.min(...times) : Math.max(...times);
    return greatest(rows.filter((row) => Number(row.time) === edge).map(valueOf));
  }
  const values = rows.map(valueOf).filter((value) => value !== null);
  if (fn === 'distinct') return new Set(values).size;
  if (values.length === 0) return null;
  if (fn === 'max') return greatest(values);
  if (fn === 'min') return values.reduce((a, b) => (compare(b, a) < 0 ? b : a));
  const numbers = values.map(Number).sort((a, b) => a - b);
  const sum = numbers.reduce((a, b) => a + b, 0);
  const mean = sum / numbers.length;
  if (fn === 'sum') return sum;
  if (fn === 'avg') return mean;
  if (fn === 'stddev') {
    if (numbers.length < 2) return null;
    return Math.sqrt(numbers.reduce((a, b) => a + (b - mean) ** 2, 0) / (numbers.length - 1));
  }
  const place = (numbers.length - 1) * Number(q);
  const low = Math.floor(place);
  const high = Math.ceil(place);
  return numbers[low]! + (numbers[high]! - numbers[low]!) * (place - low);
}

const greatest = (values: readonly Value[]): Value =>
  values.reduce<Value>((a, b) => (a === null || (b !== null && compare(b, a) > 0) ? b : a), null);

function topGroups({ dimensions = [], measures = {}, top }: QueryRequest, rows: readonly Row[]): string[] {
  const groups = new Map<string, { keys: Value[]; rows: Row[] }>();
  for (const row of rows) {
    const keys = dimensions.map((name) => read(row, name));
    const one = groups.get(JSON.stringify(keys)) ?? { keys, rows: [] };
    groups.set(JSON.stringify(keys), one);
    one.rows.push(row);
  }
  const [, fn = '', inner = ''] = /^(\w+)\((.*)\)$/.exec(measures[top!.by] ?? '') ?? [];
  const ranked = [...groups.values()].map(({ keys, rows: own }): Value[] => [aggregate(fn, inner, own), ...keys]);
  const columns = ['rank', ...dimensions];
  sortRows(
    ranked,
    columns,
    columns.map((by, at) => ({ by, descending: at === 0 })),
  );
  return ranked.slice(0, top!.count).map(([, ...keys]) => JSON.stringify(keys));
}

function plainRows(request: QueryRequest, rows: readonly Row[]): { columns: string[]; rows: Cell[][] } {
  const columns = request.columns ?? [];
  const order = [
    ...(request.order ?? []).map(({ by, direction }) => ({ by, descending: direction === 'desc' })),
    { by: 'time', descending: false },
    { by: 'id', descending: false },
  ];
  const all = [...new Set([...columns, ...order.map(({ by }) => by)])];
  const table = rows.map((row) => all.map((name) => read(row, name)));
  sortRows(table, all, order);
  return {
    columns,
    rows: table.slice(0, request.limit ?? 1_000).map((row) => cells(row, all).slice(0, columns.length)),
  };
}

/** Nulls last, whichever way. */
function sortRows(
  rows: Value[][],
  columns: readonly string[],
  order: readonly { by: string; descending: boolean }[],
): void {
  rows.sort((one, other) => {
    for (const { by, descending } of order) {
      const [a = null, b = null] = [one, other].map((row) => row[columns.indexOf(by)]);
      if (a === null || b === null) {
        if (a !== b) return a === null ? 1 : -1;
        continue;
      }
      const decided = compare(a, b);
      if (decided !== 0) return descending ? -decided : decided;
    }
    return 0;
  });
}

function compare(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a! < b! ? -1 : a! > b! ? 1 : 0;
}

/** What a name means in a row: a column, or a path into `payload` as the text that stands there. */
function read(row: Row, name: string): Value {
  if (!name.startsWith('payload.')) return (row[name] ?? null) as Value;
  const found = at(row, name);
  if (found === undefined || found === null) return null;
  return typeof found === 'string' ? found : JSON.stringify(found);
}

function at(row: Row, name: string): unknown {
  if (row.payload === null) return undefined;
  return name
    .split('.')
    .slice(1)
    .reduce<unknown>((value, step) => (value as Record<string, unknown> | null | undefined)?.[step], row.payload);
}

function numberAt(row: Row, name: string): number | null {
  const found = at(row, name);
  return typeof found === 'number' ? found : null;
}

function truth(node: FilterNode, valueOf: (name: string) => Value): Truth {
  if (node.and) return all(node.and.map((one) => truth(one, valueOf)));
  if (node.or) return any(node.or.map((one) => truth(one, valueOf)));
  if (node.not) {
    const inner = truth(node.not, valueOf);
    return inner === null ? null : !inner;
  }
  const name = node.column!;
  let value = valueOf(name);
  const given = [node.value]
    .flat()
    .map((one) => (TIMES.has(name) || name === 'bucket' ? Date.parse(String(one)) : one));
  if (name.startsWith('payload.') && typeof [node.value].flat()[0] === 'number')
    value = value !== null && /^-?[\d.]+$/.test(String(value)) && name.endsWith('size') ? Number(value) : null;
  if (node.op === 'is_null') return value === null;
  if (node.op === 'is_not_null') return value !== null;
  if (value === null) return null;
  const [first] = given as Value[];
  switch (node.op!) {
    case 'eq':
    case 'in':
      return given.some((one) => one === value);
    case 'ne':
    case 'not_in':
      return given.every((one) => one !== value);
    case 'lt':
      return compare(value, first!) < 0;
    case 'le':
      return compare(value, first!) <= 0;
    case 'gt':
      return compare(value, first!) > 0;
    case 'ge':
      return compare(value, first!) >= 0;
    case 'contains':
      return String(value).includes(String(first));
    case 'starts_with':
      return String(value).startsWith(String(first));
    case 'ends_with':
      return String(value).endsWith(String(first));
    case 'matches':
      return new RegExp(String(first), 'u').test(String(value));
  }
}

const all = (truths: Truth[]): Truth => (truths.includes(false) ? false : truths.includes(null) ? null : true);
const any = (truths: Truth[]): Truth => (truths.includes(true) ? true : truths.includes(null) ? null : false);

const cells = (row: readonly Value[], columns: readonly string[]): Cell[] =>
  row.map((value, index) =>
    value !== null && (TIMES.has(columns[index]!) || columns[index] === 'bucket' || TIME_MEASURES.has(columns[index]!))
      ? new Date(Number(value)).toISOString()
      : value,
  );

/** Measures by whose name the generator means times. */
const TIME_MEASURES = new Set(['latest', 'latest_before']);

const starts = new Map<string, number>();

/** The start of the bucket that a time falls in, found by walking back while the calendar of the zone says the same. */
function startOf(bucket: string, zone: string, time: number): number {
  const fixed: Readonly<Record<string, number>> = {
    '15m': 900_000,
    '1h': 3_600_000,
    '2h': 7_200_000,
    '1d': 86_400_000,
    '7d': 604_800_000,
  };
  const width = fixed[bucket];
  if (width !== undefined) return Math.floor(time / width) * width;
  const key = `${zone} ${bucket} ${label(bucket, zone, time)}`;
  const known = starts.get(key);
  if (known !== undefined) return known;
  const step = 15 * 60_000;
  let start = Math.floor(time / step) * step;
  while (label(bucket, zone, start - step) === label(bucket, zone, time)) start -= step;
  starts.set(key, start);
  return start;
}

function endOf(bucket: string, zone: string, start: number): number {
  let end = start;
  while (startOf(bucket, zone, end) === start) end += 15 * 60_000;
  return end;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Which day, week, month, quarter or year it is by the clocks of a zone. */
function label(bucket: string, zone: string, time: number): string {
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
  formats.set(zone, format);
  const date = format.format(time);
  const [year = '', month = ''] = date.split('-');
  if (bucket === 'day') return date;
  if (bucket === 'week') return String(Math.floor((Date.parse(`${date}T00:00:00Z`) / 86_400_000 + 3) / 7));
  if (bucket === 'month') return `${year}-${month}`;
  return bucket === 'quarter' ? `${year} ${Math.floor((Number(month) - 1) / 3)}` : year;
}

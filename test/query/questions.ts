import fc from 'fast-check';
import { Fill, QueryRequest } from '#libs/contracts/analytics.contract';
import { FilterNode, FilterOperator, FilterValue } from '#libs/contracts/query-filter';

/** The weeks that the data lies in; the clocks of Berlin go back within them. */
export const START = Date.UTC(2025, 9, 10);
export const END = Date.UTC(2025, 10, 20);
const DAY = 86_400_000;

export const HOSTS = ['a', 'b', 'c', 'ü', '😀', 'B'];
export const REGIONS = ['north', 'south'];

const iso = (ms: number): string => new Date(ms).toISOString();
const instant = fc.integer({ min: START - DAY, max: END + DAY });
const aligned = fc.integer({ min: 0, max: 41 }).map((days) => START + days * DAY);

function test(column: string, ops: FilterOperator[], value: fc.Arbitrary<FilterValue>): fc.Arbitrary<FilterNode> {
  const one = fc.record({ column: fc.constant(column), op: fc.constantFrom(...ops), value });
  const many = fc.record({
    column: fc.constant(column),
    op: fc.constantFrom<FilterOperator>('in', 'not_in'),
    value: fc.array(value, { minLength: 1, maxLength: 3 }),
  });
  const none = fc.record({
    column: fc.constant(column),
    op: fc.constantFrom<FilterOperator>('is_null', 'is_not_null'),
  });
  return fc.oneof({ weight: 5, arbitrary: one }, { weight: 2, arbitrary: many }, { weight: 1, arbitrary: none });
}

const ORDERED: FilterOperator[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];
const TEXTUAL: FilterOperator[] = [...ORDERED, 'contains', 'starts_with', 'ends_with', 'matches'];
const number = fc.integer({ min: -8, max: 40 }).map((n) => n / 4);

const leaf = fc.oneof(
  test('host', TEXTUAL, fc.constantFrom(...HOSTS, 'x')),
  test('region', TEXTUAL, fc.constantFrom('north', 'south', 'th', 'no', '.o.t')),
  test('n', ORDERED, fc.integer({ min: -3, max: 8 })),
  test('v', ORDERED, number),
  test('ok', ['eq', 'ne'], fc.boolean()),
  test('seen', ORDERED, instant.map(iso)),
  test('payload.geo.country', TEXTUAL, fc.constantFrom('de', 'fr', 'e')),
  test('payload.size', ORDERED, number),
);

const tree = fc.letrec<{ node: FilterNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 2 },
    leaf,
    fc.record({ and: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('node') }),
  ),
})).node;

const NUMERIC = ['n', 'v', 'payload.size'];
const aggregate = fc.oneof(
  fc.constantFrom(
    'count()',
    'count(v)',
    'count(host)',
    'count(payload.geo.country)',
    'distinct(host)',
    'distinct(n)',
    'distinct(payload.geo.country)',
  ),
  fc
    .tuple(fc.constantFrom('sum', 'avg', 'min', 'max', 'stddev', 'first', 'last'), fc.constantFrom(...NUMERIC))
    .map(([fn, column]) => `${fn}(${column})`),
  fc
    .tuple(fc.constantFrom(...NUMERIC), fc.constantFrom('0', '0.25', '0.5', '0.95', '1'))
    .map(([column, q]) => `quantile(${column}, ${q})`),
  fc.constantFrom('max(host)', 'min(region)', 'last(host)', 'first(ok)', 'max(ok)'),
);
const countable = fc.constantFrom('count()', 'sum(n)', 'sum(v)', 'max(v)', 'last(n)', 'avg(v)');
const derived = fc.oneof(
  fc.tuple(fc.constantFrom('delta', 'increase', 'cumulative'), countable).map(([fn, of]) => `${fn}(${of})`),
  fc.tuple(countable, fc.integer({ min: 1, max: 5 })).map(([of, rows]) => `moving_avg(${of}, ${rows})`),
  fc.tuple(countable, countable).map(([of, to]) => `ratio(${of}, ${to})`),
);
const rated = countable.map((of) => `rate(increase(${of}))`);

const dimensions = fc.subarray(['host', 'region', 'ok', 'payload.geo.country', 'n'], { maxLength: 2 });
const bucket = fc.constantFrom('15m', '1h', '2h', '1d', '7d', 'day', 'week', 'month', 'quarter', 'year');
const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Auckland');

const range = fc.oneof(
  fc.constant({}),
  fc.tuple(instant, instant).map(([a, b]) => ({ from: iso(Math.min(a, b)), to: iso(Math.max(a, b) + 1) })),
  fc
    .tuple(aligned, fc.integer({ min: 1, max: 20 }))
    .map(([from, days]) => ({ from: iso(from), to: iso(from + days * DAY) })),
  instant.map((from) => ({ from: iso(from) })),
);

/** The questions that both sides understand, from the plainest to the most compound. */
export const questions: fc.Arbitrary<QueryRequest> = fc.oneof(
  { weight: 1, arbitrary: plain() },
  { weight: 6, arbitrary: groups() },
);

function plain(): fc.Arbitrary<QueryRequest> {
  return fc
    .record({
      project: fc.constant('default'),
      dataset: fc.constant('events'),
      columns: fc.subarray(['id', 'time', 'host', 'n', 'v', 'ok', 'payload.size'], { minLength: 1 }),
      filters: fc.array(tree, { maxLength: 2 }),
      order: fc
        .subarray(['host', 'n', 'v'], { maxLength: 2 })
        .map((names) => names.map((by) => ({ by, direction: 'desc' as const }))),
      limit: fc.integer({ min: 1, max: 50 }),
    })
    .chain((request) => range.map((period) => ({ ...request, ...period })));
}

function groups(): fc.Arbitrary<QueryRequest> {
  return fc
    .record({
      range,
      zone,
      bucket: fc.option(bucket, { nil: undefined }),
      dimensions,
      aggregates: fc.array(aggregate, { minLength: 1, maxLength: 3 }),
      derived: fc.option(derived, { nil: undefined }),
      rated: fc.option(rated, { nil: undefined }),
      filters: fc.array(tree, { maxLength: 2 }),
      having: fc.option(number, { nil: undefined }),
      order: fc.option(fc.constantFrom<'asc' | 'desc'>('asc', 'desc'), { nil: undefined }),
      limit: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
      fill: fc.option(fc.constantFrom<Fill>('null', 'zero', 'previous', 'linear'), { nil: undefined }),
      top: fc.option(fc.record({ count: fc.integer({ min: 1, max: 3 }), other: fc.boolean() }), { nil: undefined }),
      compare: fc.boolean(),
    })
    .map((g) => {
      const aligned =
        'to' in g.range && Date.parse(String(g.range.from)) % DAY === 0 && Date.parse(String(g.range.to)) % DAY === 0;
      const fixedDays = g.bucket === undefined || ['15m', '1h', '2h', '1d'].includes(g.bucket);
      const measures = {
        rank: 'count()',
        ...Object.fromEntries(g.aggregates.map((call, at) => [`m${at}`, call])),
        latest: 'max(seen)',
        ...(g.bucket !== undefined && g.derived !== undefined ? { d: g.derived } : {}),
        ...(g.bucket !== undefined && g.rated !== undefined ? { r: g.rated } : {}),
      };
      return {
        project: 'default',
        dataset: 'events',
        ...g.range,
        zone: g.zone,
        ...(g.bucket === undefined ? {} : { bucket: g.bucket }),
        dimensions: g.dimensions,
        measures,
        filters: g.filters,
        ...(g.having === undefined
          ? {}
          : { having: [{ column: 'rank', op: 'ge' as const, value: Math.round(g.having) }] }),
        ...(g.order === undefined ? {} : { order: [{ by: 'rank', direction: g.order }] }),
        ...(g.limit === undefined ? {} : { limit: g.limit }),
        ...(g.fill !== undefined && g.bucket !== undefined && !['15m', '1h'].includes(g.bucket)
          ? { fill: g.fill }
          : {}),
        ...(g.top && g.dimensions.length > 0 ? { top: { by: 'rank', ...g.top } } : {}),
        ...(g.compare && aligned && fixedDays ? { compare: 'previous' } : {}),
      };
    });
}

import type { InstallSteps } from '#libs/contracts/steps';
import { Failure } from './failure';
import { compileCel } from './cel';
import { lint } from './lint';

const versionOf = (steps: InstallSteps['steps'], schemas: InstallSteps['schemas'] = {}): InstallSteps => ({
  project: 'p',
  pipeline: 'p',
  version: 1,
  steps,
  schemas,
  dataset: 'd',
  time: 'time',
  key: ['id'],
  columns: [],
});
/** Where the steps compute with what may be missing, as `place: field`. */
const found = (steps: InstallSteps['steps'], schemas?: InstallSteps['schemas']): string[] =>
  lint(versionOf(steps, schemas)).map(({ path, message }) => {
    const [, field] = /^computes with (\S+),/.exec(message) ?? [];
    return `${path.replace('spec.steps', '')}: ${field}`;
  });

const META = { received_at: new Date(0), batch: 'b', index: 0n, item: 0n };

describe('lint', () => {
  const RISKY: readonly string[] = [
    'raw.a + 1',
    'raw.a == "x"',
    '-raw.a',
    'double(raw.a) * 2.0',
    'coalesce(raw.b, raw.a) + 1',
    'raw.a.startsWith("x")',
    '[raw.a]',
    '{"k": raw.a}',
    'raw.a in [1, 2]',
    'has(raw.b) ? 1 : raw.a + 1',
    'has(raw.a) || raw.a > 1',
    '[1].exists(x, x == raw.a)',
    'cel.bind(v, raw.a, v + 1)',
    'raw.a > 1 ? 1 : 2',
    'raw.a != null',
  ];
  it.each(RISKY)('tells of `%s`, which fails without the field', (source) => {
    expect(found([{ map: { x: source } }])).toEqual(['[0].map.x: raw.a']);
    const value = compileCel(source, { hasRow: false }).evaluate({ raw: {}, meta: META });
    expect(value).toBeInstanceOf(Failure);
  });

  const SAFE: readonly string[] = [
    'raw.a',
    'double(raw.a)',
    'coalesce(raw.a, 0) + 1',
    'coalesce(raw.a, raw.b, 0) + 1',
    'raw.?a.orValue(0) + 1',
    'raw[?"a"].orValue(0) + 1',
    'has(raw.a) ? raw.a + 1 : 0',
    '!has(raw.a) ? 0 : raw.a + 1',
    'has(raw.a) && raw.a > 1',
    'raw.a > 1 && has(raw.a)',
    '!has(raw.a) || raw.a > 1',
    'has(raw.a) && has(raw.b) ? raw.a + raw.b : 0',
    'coalesce(raw.a, null) != null ? raw.a + 1 : 0',
    'lower(raw.a)',
    'meta.index + 1',
  ];
  it.each(SAFE)('says nothing of `%s`, which takes the missing field', (source) => {
    expect(found([{ map: { x: source } }])).toEqual([]);
    const value = compileCel(source, { hasRow: false }).evaluate({ raw: {}, meta: META });
    expect(value).not.toBeInstanceOf(Failure);
  });

  it('tells of each field once, where it is computed with first', () => {
    expect(found([{ filter: 'raw.a > 1' }, { map: { x: 'raw.a + 1', y: 'raw.a + raw.b' } }])).toEqual([
      '[0].filter: raw.a',
      '[1].map.y: raw.b',
    ]);
  });

  it('knows what a filter let through, and what a schema requires', () => {
    expect(found([{ filter: 'has(raw.a)' }, { map: { x: 'raw.a + 1' } }])).toEqual([]);
    const place = { type: 'object', required: ['lat', 'lon'], properties: { lat: { type: 'number' } } };
    const schema = {
      required: ['a', 'b', 'place'],
      properties: { a: { type: 'number' }, b: { type: ['number', 'null'] }, place },
    };
    const map = { x: 'raw.a + 1', y: 'raw.b + 1', z: 'raw.place.lat + raw.place.lon' };
    expect(found([{ validate: { schema: 's@1' } }, { map }], { 's@1': schema })).toEqual([
      '[1].map.y: raw.b',
      '[1].map.z: raw.place.lon',
    ]);
  });

  const READING = {
    type: 'object',
    required: ['id', 'n', 'place', 'tags', 'maybe', 'free'],
    properties: {
      id: { type: 'string' },
      n: { type: 'integer' },
      place: { type: 'object', required: ['lat'], properties: { lat: { type: 'number' } } },
      tags: { type: 'array', items: { type: 'string' } },
      maybe: { type: ['string', 'null'] },
      free: {},
    },
  };
  const over = (source: string, ...between: InstallSteps['steps']): string[] =>
    lint(versionOf([{ validate: { schema: 's@1' } }, ...between, { map: { x: source } }], { 's@1': READING })).map(
      ({ message }) => message,
    );

  it.each(['raw.id + 1', 'raw.place.lat > "x"', 'raw.tags[0] + 1', 'raw.id.startsWith(raw.n)', '-raw.id'])(
    'tells of `%s`, which fails for every record that the schema accepts',
    (source) => {
      expect(over(source)).toContainEqual(expect.stringMatching(/^fails for every record, by what the schema says/));
      const raw = { id: 'a', n: 1, place: { lat: 1 }, tags: ['t'], maybe: null, free: 1 };
      expect(compileCel(source, { hasRow: false }).evaluate({ raw, meta: META })).toBeInstanceOf(Failure);
    },
  );

  it.each([
    ['raw.n + 1'],
    ['raw.place.lat * 2.0'],
    ['raw.id + "x"'],
    ['coalesce(raw.maybe, "") + "x"'],
    ['coalesce(raw.free, 0) + 1'],
    ['coalesce(raw.other, 0) + 1'],
    ['double(raw.id)'],
    ['int(raw.n) % 2'],
    ['timestamp_ms(raw.n)'],
    ['raw.tags.join(",")'],
    ['raw.id.matches("^a") && raw.tags.exists(t, t == "x")'],
    ['raw.?id.orValue("x") + "y"'],
    ['{"n": raw.n, "id": raw.id}'],
  ])('says nothing of `%s` over records of the schema', (source) => {
    expect(over(source)).toEqual([]);
  });

  it('judges no types behind a step that changes the record', () => {
    expect(over('raw.id + 1', { set: { id: 'raw.n' } })).toEqual([]);
  });

  it('takes a schema whose names no expression can write', () => {
    const names = ['a-b', '', '__proto__', 'constructor', 'in', 'null', 'a.b', 'ä', '0'];
    const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
    const schema = {
      type: 'object',
      required: names,
      properties: { ...properties, deep: { type: 'object', properties } },
    };
    const steps = [{ validate: { schema: 's@1' } }, { map: { x: 'raw["a-b"] + "x" + raw.constructor' } }];
    expect(found(steps, { 's@1': schema })).toEqual([]);
  });

  it('follows fields through maps, sets, renames, lookups and splits', () => {
    const first = { map: { sure: 'coalesce(raw.a, 1)', open: 'raw.b', also: 'double(raw.c)' } };
    expect(found([first, { set: { x: 'row.sure + 1', y: 'row.open + 1', z: 'row.also + 1.0' } }])).toEqual([
      '[1].set.y: row.open',
      '[1].set.z: row.also',
    ]);
    expect(found([{ set: { a: '1' } }, { map: { x: 'raw.a + 1' } }])).toEqual([]);
    expect(found([{ set: { a: '1' } }, { unset: ['a'] }, { map: { x: 'raw.a + 1' } }])).toEqual(['[2].map.x: raw.a']);
    expect(found([{ set: { a: '1' } }, { rename: { b: 'a' } }, { map: { x: 'raw.a + 1' } }])).toEqual([
      '[2].map.x: raw.a',
    ]);
    expect(found([{ filter: 'has(raw.a)' }, { split: '[1]' }, { map: { x: 'parent.a + raw.a' } }])).toEqual([
      '[2].map.x: raw.a',
    ]);
    const lookup = { key: 'raw.k', table: { k: { v: 1 } }, set: { a: 'v' } };
    expect(found([{ set: { a: '1' } }, { lookup }, { map: { x: 'raw.a + 1' } }])).toEqual(['[2].map.x: raw.a']);
  });
});

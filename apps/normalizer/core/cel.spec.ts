import fc from 'fast-check';
import { compileCel, Scope } from './cel';
import { CelMistake } from './cel-mistake';
import { Failure } from './failure';
import { dateFromMicros, Micros } from './instants';

const META: Scope['meta'] = { received_at: new Date('2018-02-01T00:00:00Z'), batch: 'b', index: 7n, item: 0n };

function evaluate(source: string, raw: unknown, row?: Record<string, unknown>): unknown {
  return compileCel(source, { hasRow: row !== undefined }).evaluate({ raw, meta: META, row });
}

function reason(source: string, raw: unknown): string {
  const value = evaluate(source, raw);
  return value instanceof Failure ? value.reason : `no failure but ${String(value)}`;
}

describe('expressions', () => {
  it('read the record, the batch and the row so far', () => {
    expect(evaluate('raw.a.b', { a: { b: 'x' } })).toBe('x');
    expect(evaluate('meta.batch + string(meta.index)', {})).toBe('b7');
    expect(evaluate('row.magnitude > 2.0', {}, { magnitude: 3 })).toBe(true);
    expect(evaluate('raw.list.map(x, x * 2)', { list: [1, 2] })).toEqual([2, 4]);
  });

  it('compute JSON numbers with whole literals', () => {
    expect(evaluate('raw.a * 100 + 1', { a: 2.5 })).toBe(251);
    expect(evaluate('raw.a == 2 && raw.a < 3', { a: 2 })).toBe(true);
  });

  it('carry a missing field as null, and refuse to compute with one', () => {
    for (const source of [
      'raw.a',
      'raw.a.b',
      'double(raw.a)',
      'timestamp_ms(raw.a.b)',
      'raw.list[3]',
      'coalesce(raw.a, raw.b)',
    ]) {
      expect(evaluate(source, { list: [] })).toBeNull();
    }
    expect(reason('raw.a + 1', {})).toContain('No such key: a');
    expect(reason('raw.a == "x"', {})).toContain('No such key: a');
    expect(reason('double(raw.a) + 1.0', { a: null })).toContain('no such overload');
    expect(evaluate('has(raw.a) ? raw.a : "none"', {})).toBe('none');
    expect(evaluate('raw.?a.orValue("none")', {})).toBe('none');
    expect(evaluate('raw.?a', {})).toBeNull();
    expect(evaluate('coalesce(raw.a, raw.b, "none")', { b: null })).toBe('none');
  });

  it('refuse to read a field of something that has none', () => {
    expect(reason('raw.a.b', { a: 'text' })).toBe('cannot read "b" of a string of 4 characters');
    expect(reason('raw.a.b', { a: [1] })).toBe('cannot read "b" of a list of 1 item');
    expect(reason('raw.a.length', { a: [1] })).toBe('cannot read "length" of a list of 1 item');
  });

  it('say what cannot be converted', () => {
    expect(reason('double(raw.a)', { a: 'strong' })).toBe('cannot turn a string of 6 characters into a double');
    expect(reason('int(raw.a)', { a: 2 ** 60 })).toContain('lose digits');
    expect(reason('string(raw.a)', { a: 12345678901234567890 })).toContain('lose digits');
    expect(reason('timestamp_ms(raw.a)', { a: 1e20 })).toContain('outside the years 1 to 9999');
    expect(reason('timestamp(raw.a)', { a: 5 })).toContain('use timestamp_ms or timestamp_s');
    expect(evaluate('int("9223372036854775807")', {})).toBe(2n ** 63n - 1n);
  });

  it('own keys only: prototypes are no data', () => {
    const hostile: unknown = JSON.parse('{"__proto__": {"a": 1}, "a": {}}');
    expect(evaluate('raw.a.constructor', hostile)).toBeNull();
    expect(evaluate('raw.a.toString', hostile)).toBeNull();
    expect(evaluate('raw["__proto__"].a', hostile)).toBe(1);
    expect(evaluate('raw["__proto__"]', {})).toBeNull();
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });

  it.each([
    ['raw.a +', /Unexpected|token|expected/i],
    ['nope.a', /Unknown variable: nope/],
    ['row.a', /Unknown variable: row/],
    ['meta.nope', /No such key: nope/],
    ['duble(raw.a)', /duble/],
    ['double(raw.a, 1)', /double\(dyn, int\)/],
    ['raw.a.matches("(")', /RE2/],
    ['raw.a.matches("(?=x)")', /RE2/],
    [`1${'+1'.repeat(1_990)}`, /./],
    [`${'('.repeat(40)}1${')'.repeat(40)}`, /depth/i],
  ])('a mistake in %s is found before any record', (source, message) => {
    expect(() => compileCel(source, { hasRow: false })).toThrow(message);
    expect(() => compileCel(source, { hasRow: false })).toThrow(CelMistake);
  });

  it('rule 27: JSON inside a text nests no deeper than a record may', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(evaluate('parse_json(raw.s).size()', { s: nested(64) })).toBe(1n);
    expect(reason('parse_json(raw.s)', { s: nested(500_000) })).toBe('parse_json() takes at most 64 levels');
  });

  it('rule 27: a backtracking pattern finishes', () => {
    expect(evaluate('raw.a.matches("(a+)+$")', { a: `${'a'.repeat(40)}!` })).toBe(false);
    expect(evaluate('raw.list.exists(x, x.matches(raw.p))', { list: [`${'a'.repeat(40)}!`], p: '(a+)+$' })).toBe(false);
  });

  it('rule 27: loops, growing texts and long scans end with a reason', () => {
    const list = Array.from({ length: 1_000 }, (_, i) => i);
    expect(reason('raw.l.all(a, raw.l.all(b, raw.l.all(c, a + b + c >= 0)))', { l: list })).toContain('steps');
    expect(reason('raw.l.map(a, raw.l.map(b, b)).size()', { l: list })).toContain('steps');
    expect(reason('raw.l.all(a, !(-1 in raw.l))', { l: list })).toContain('steps');
    const doubling = Array.from({ length: 12 }, (_, i) => i).reduceRight(
      (inner, i) => `cel.bind(v${i + 1}, v${i} + v${i}, ${inner})`,
      'v12',
    );
    expect(reason(`cel.bind(v0, raw.s, ${doubling})`, { s: 'x'.repeat(1_000) })).toContain('more than');
    expect(reason('raw.s.matches("x*y")', { s: 'x'.repeat(1_000_000) })).toContain('steps');
  });
});

describe('short forms', () => {
  const SOURCES = [
    'raw',
    'raw.a',
    'raw.a.b',
    'raw.a.b.c',
    'raw.a[0]',
    'raw["a"]["b"]',
    'raw.constructor',
    'raw.a.length',
    'raw.a.__proto__',
    'double(raw.a)',
    'int(raw.a)',
    'string(raw.a.b)',
    'timestamp(raw.a)',
    'timestamp_ms(raw.a)',
    'timestamp_s(raw.a)',
    'timestamp_ms(int(raw.a))',
    'coalesce(raw.a, raw.b)',
    'coalesce(raw.a.b, double(raw.b), 5)',
    'string(double(raw.a))',
    '"text"',
    '5',
    'null',
    'true',
  ];
  const key = fc.constantFrom('a', 'b', 'c', 'length', '__proto__', 'toString');
  const leaf = fc.oneof(
    fc.constantFrom(null, true, false, 0, -0, 1.5, 2 ** 53, 1e300, -1e20, 1_517_443_200_000, 1_517_443_200.25),
    fc.constantFrom('', 'x', '5', '-7.25', '1e3', '0x10', '9223372036854775808', '2018-02-01T00:00:00.000001Z'),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
  );
  const { record } = fc.letrec((tie) => ({
    record: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('record'), { maxLength: 3 }),
      fc.uniqueArray(fc.tuple(key, tie('record')), { maxLength: 4, selector: ([name]) => name }).map(ownEntries),
    ),
  }));

  it('all are taken', () => {
    expect(SOURCES.filter((source) => !compileCel(source, { hasRow: false }).shortcut)).toEqual([]);
    expect(compileCel('raw.a + 1', { hasRow: false }).shortcut).toBeUndefined();
    expect(compileCel('meta.batch', { hasRow: false }).shortcut).toBeUndefined();
  });

  it.each(SOURCES)('%s gives exactly what the engine gives', (source) => {
    const expression = compileCel(source, { hasRow: false });
    fc.assert(
      fc.property(record, (raw) => {
        const direct: unknown = expression.shortcut?.evaluate(raw);
        const byEngine = expression.evaluate({ raw, meta: META });
        if (direct instanceof Failure || byEngine instanceof Failure) {
          expect([direct, byEngine].every((value) => value instanceof Failure)).toBe(true);
          return;
        }
        const moment = expression.shortcut?.gives === 'moment' && direct !== null;
        expect(moment ? dateFromMicros(direct as Micros) : direct).toEqual(byEngine);
      }),
      { numRuns: 300 },
    );
  });

  /** As JSON.parse makes objects: `__proto__` is a key of its own. */
  function ownEntries(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (const [name, value] of entries) {
      Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
    }
    return object;
  }
});

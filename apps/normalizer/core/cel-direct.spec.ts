import fc from 'fast-check';
import { budget } from './budget';
import { compileCel, Scope } from './cel';
import { CelMistake } from './cel-mistake';
import { Failure } from './failure';

const META: Scope['meta'] = { received_at: new Date('2018-02-01T00:00:00Z'), batch: 'b', index: 7n, item: 0n };
const NAMES = { hasRow: true, hasParent: true };

/** Expressions of the forms that are computed past the library, in and around forms that are left to it. */
const { expression } = fc.letrec<{ expression: string; path: string }>((tie) => {
  const path = fc
    .tuple(
      fc.constantFrom('raw', 'raw', 'raw', 'row', 'parent', 'x'),
      fc.array(fc.constantFrom('.a', '.b', '.c', '["a"]', '[0]', '[1]', '.length', '.constructor'), { maxLength: 3 }),
    )
    .map(([root, segments]) => root + segments.join(''));
  const literal = fc.constantFrom(
    '1',
    '0',
    '-3',
    '2.5',
    '0.0',
    '"a"',
    '"ab"',
    '""',
    'true',
    'false',
    'null',
    '9223372036854775807',
  );
  const one = tie('expression');
  const meta = fc.constantFrom('meta.batch', 'meta.index', 'meta.item', 'meta.received_at');
  return {
    path,
    expression: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'expression' },
      path,
      meta,
      literal,
      fc.tuple(one, fc.constantFrom('+', '-', '*', '/', '%'), one).map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc
        .tuple(one, fc.constantFrom('<', '<=', '>', '>=', '==', '!=', 'in'), one)
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc.tuple(one, fc.constantFrom('&&', '||'), one).map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc.tuple(one, one, one).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(fc.constantFrom('!', '-'), one).map(([op, a]) => `${op}(${a})`),
      fc.tuple(tie('path'), fc.constantFrom('a', 'b', 'length')).map(([a, name]) => `has(${a}.${name})`),
      fc
        .tuple(
          fc.constantFrom(
            'double',
            'int',
            'string',
            'timestamp',
            'timestamp_ms',
            'lower',
            'trim',
            'abs',
            'size',
            'floor',
          ),
          one,
        )
        .map(([name, a]) => `${name}(${a})`),
      fc.tuple(fc.constantFrom('coalesce', 'round', 'extract'), one, one).map(([name, a, b]) => `${name}(${a}, ${b})`),
      fc.tuple(one, one, one).map(([a, b, c]) => `replace(${a}, ${b}, ${c})`),
      fc
        .tuple(
          one,
          fc.constantFrom('startsWith', 'endsWith', 'contains', 'split', 'indexOf', 'matches', 'substring'),
          one,
        )
        .map(([a, name, b]) => `(${a}).${name}(${b})`),
      fc.tuple(one, fc.constantFrom('size', 'trim', 'upperAscii')).map(([a, name]) => `(${a}).${name}()`),
      fc
        .tuple(one, fc.constantFrom('map', 'filter', 'exists', 'all'), one)
        .map(([a, name, b]) => `(${a}).${name}(x, ${b})`),
      fc.tuple(one, one).map(([a, b]) => `[${a}, ${b}]`),
      fc.tuple(one, one).map(([a, b]) => `{"a": ${a}, "b": ${b}}.a`),
      tie('path').map((a) => `${a}.?a.orValue(1)`),
    ),
  };
});

const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -0,
    1,
    1.5,
    2 ** 53,
    -1e20,
    1_517_443_200_000,
    '',
    'a',
    'ab',
    '5',
    '2018-02-01T00:00:00Z',
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const { record } = fc.letrec((tie) => ({
  record: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('record'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('record'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
/** What maps gave: also ints and times. */
const rowValue = fc.oneof(record, fc.constantFrom<unknown>(5n, 2n ** 63n - 1n, new Date('2020-01-01T00:00:00Z')));
const scope = fc.record({
  raw: record,
  parent: record,
  row: fc.dictionary(fc.constantFrom('a', 'b'), rowValue, { noNullPrototype: true }),
});

describe('expressions that are computed past the library', () => {
  it('give exactly what the library gives, for any expression and any record, with the same reason when they fail', () => {
    const runs = { compiled: 0, values: 0, failures: 0 };
    fc.assert(
      fc.property(expression, fc.array(scope, { minLength: 1, maxLength: 6 }), (source, scopes) => {
        const [direct, library] = (['direct', 'library'] as const).map((how) => compiledOr(source, how));
        if (typeof direct === 'string' || typeof library === 'string') {
          expect(direct).toBe(library);
          return;
        }
        runs.compiled += 1;
        for (const [at, given] of scopes.entries()) {
          const meta = { ...META, batch: `b${at}`, index: BigInt(at) };
          const [ours, theirs] = [direct, library].map((one) => one?.evaluate({ ...given, meta }));
          runs[theirs instanceof Failure ? 'failures' : 'values'] += 1;
          expect(ours).toEqual(theirs);
          expect(Object.is(ours, theirs) || typeof ours !== 'number').toBe(true); // -0 is not 0
        }
      }),
      { numRuns: 3_000 },
    );
    for (const count of Object.values(runs)) expect(count).toBeGreaterThan(100);
  });

  it.each([
    ['failures', '||', 'false', {}],
    ['failures that are decided at last', '&&', 'true', { last: false }],
    ['what is no bool', '||', 'false', { x: { y: 1 } }],
  ])('compute each side of a long choice once, for the price of the library: %s', (_, op, rest, fields) => {
    const times = <T>(count: number, value: T): T[] => Array<T>(count).fill(value);
    const sources = [
      ['raw.x.y', ...times(30, rest), 'raw.last'].join(` ${op} `),
      times(12, '').reduce((inner) => `(${inner} ${op} raw.last)`, 'raw.x.y'),
      times(12, '').reduce((inner) => `((${inner} ? raw.n : raw.n) || true)`, 'raw.x.y'),
    ];
    const scope = { raw: { ...fields, n: 1 }, meta: META };
    for (const source of sources) {
      const [direct, library] = (['direct', 'library'] as const).map((how) => {
        const { evaluate } = compileCel(source, { hasRow: false }, how);
        return [evaluate(scope), evaluate(scope), budget.expressionSteps];
      });
      expect(direct).toEqual(library);
    }
  });

  it('learn a new overload when a field changes its kind from one record to the next', () => {
    const sum = compileCel('raw.a + raw.b', { hasRow: false });
    const of = (a: unknown, b: unknown): unknown => sum.evaluate({ raw: { a, b }, meta: META });
    expect([of(1, 2), of('a', 'b'), of(1.5, 2), of([1], [2]), of('', '')]).toEqual([3, 'ab', 3.5, [1, 2], '']);
    expect([of(1, 'b'), of(null, 1)].map((one) => (one as Failure).reason)).toEqual([
      'no such overload: dyn<double> + dyn<string>',
      'no such overload: dyn<null> + dyn<double>',
    ]);
    expect(of(1, 2)).toBe(3);
  });
});

function compiledOr(source: string, how: 'direct' | 'library'): ReturnType<typeof compileCel> | string {
  try {
    return compileCel(source, NAMES, how);
  } catch (thrown) {
    if (thrown instanceof CelMistake) return thrown.message;
    throw thrown;
  }
}

import type { InstallSteps } from '#libs/contracts/steps';
import type { Step } from '#libs/documents/step';
import { compile } from './compile';
import { MeteredResult, run } from './run';

const TYPES = { id: 'string', time: 'timestamp', n: 'int?', text: 'string?', rest: 'json?' } as const;

function version(steps: readonly Step[]): InstallSteps {
  return {
    project: 'p',
    pipeline: 'p',
    version: 1,
    steps,
    schemas: {
      's@1': { type: 'object', properties: { time: { type: 'string', format: 'date-time' }, n: { type: 'integer' } } },
    },
    dataset: 'd',
    time: 'time',
    key: ['id'],
    columns: Object.entries(TYPES).map(([name, type]) => ({
      name,
      type: type.replace('?', '') as 'string', // a column type each
      nullable: type.endsWith('?'),
    })),
  };
}

function runOver(steps: readonly Step[], ...records: readonly unknown[]): MeteredResult {
  const compilation = compile(version(steps), { redactionKey: Buffer.alloc(32, 7) });
  if (compilation.kind === 'wrong') throw new Error(JSON.stringify(compilation.problems));
  const payload = Buffer.from(records.map((record) => JSON.stringify(record)).join('\n'));
  const meta = { batchId: 'b', receivedAt: new Date(0) };
  return run(compilation.pipeline, { payload, format: 'ndjson', meta });
}

/** Rows as objects, times left out, nulls too. */
function rowsOf({ rows }: MeteredResult): Record<string, unknown>[] {
  return Array.from({ length: rows.length }, (_, at) =>
    Object.fromEntries(
      rows.columns
        .filter(({ name, nulls }) => name !== 'time' && nulls?.[at] !== 1)
        .map(({ name, values }) => [name, typeof values[at] === 'bigint' ? Number(values[at]) : values[at]]),
    ),
  );
}

const problems = (...steps: readonly Step[]): string[] => {
  const compilation = compile(version(steps));
  return compilation.kind === 'wrong' ? compilation.problems.map(({ path, message }) => `${path}: ${message}`) : [];
};

const T = '2026-01-01T00:00:00Z';
const MAP = { map: { id: 'raw.id', time: 'timestamp(raw.time)' } };

describe('steps', () => {
  it('set, unset and rename change the record until there is a map', () => {
    const result = runOver(
      [
        { rename: { 'deep.count': 'n', label: 'text' } },
        { set: { text: 'upper(raw.text)', n: 'raw.n + 1' } },
        { unset: ['deep', 'junk.inner', 'junk'] },
      ],
      { id: 'a', time: T, deep: { count: 1 }, label: 'x', junk: { inner: 1 } },
      { id: 'b', time: T, deep: { count: 1 }, label: 'x', n: 5 },
    );
    expect(rowsOf(result)).toEqual([{ id: 'a', n: 2, text: 'X' }]);
    expect(result.quarantined).toMatchObject([{ index: 1, step: 'rename (step 1)' }]);
  });

  it('and the row behind one', () => {
    const result = runOver(
      [
        { map: { key: 'raw.id', time: 'timestamp(raw.time)', scratch: 'raw.n' } },
        { rename: { key: 'id' } },
        { set: { n: 'row.scratch * 2', text: 'row.id' } },
        { unset: ['scratch'] },
      ],
      { id: 'a', time: T, n: 4 },
    );
    expect(rowsOf(result)).toEqual([{ id: 'a', n: 8, text: 'a' }]);
  });

  it('split makes a row of each item, and of none when the list is empty', () => {
    const steps: Step[] = [
      { filter: 'raw.good' },
      { split: 'raw.items' },
      { filter: 'raw.n != 0' },
      { map: { id: 'parent.id + "/" + string(meta.item)', time: 'timestamp(parent.time)', n: 'raw.n' } },
    ];
    const record = { id: 'a', time: T, good: true };
    const result = runOver(
      steps,
      { ...record, items: [{ n: 1 }, { n: 0 }, { n: 3 }] },
      { ...record, items: [] },
      { ...record, items: [{ n: 0 }] },
      { ...record, good: false },
      { ...record, id: 'b', items: [{ n: 1 }] },
    );
    expect(rowsOf(result)).toEqual([
      { id: 'a/0', n: 1 },
      { id: 'a/2', n: 3 },
      { id: 'b/0', n: 1 },
    ]);
    expect(result).toMatchObject({ framed: 5, normalized: 2, filtered: 3, quarantined: [] });
  });

  it('a record whose item fails leaves no row behind', () => {
    const result = runOver(
      [{ split: 'raw.items' }, { map: { id: 'raw.id', time: `timestamp("${T}")` } }],
      { items: [{ id: 'a' }, { id: 'b' }] },
      { items: [{ id: 'c' }, { id: 5 }, { id: 'd' }] },
      { items: 7 },
      { items: [{ id: 'e' }] },
    );
    expect(rowsOf(result).map(({ id }) => id)).toEqual(['a', 'b', 'e']);
    expect(result.quarantined.map(({ index, reason }) => [index, reason])).toEqual([
      [1, expect.stringContaining('item 1: id: expected string')],
      [2, 'expected the split to give a list, got a number'],
    ]);
  });

  it('a batch may become many more rows than it has records', () => {
    const items = Array.from({ length: 5_000 }, (_, n) => ({ n }));
    const steps = [
      { split: 'raw' },
      { map: { id: 'string(raw.n)', time: `timestamp("${T}")`, n: 'raw.n', rest: 'raw' } },
    ];
    const result = runOver(steps, items, items);
    expect(result).toMatchObject({ normalized: 2, quarantined: [] });
    expect(result.rows.length).toBe(10_000);
    expect(rowsOf(result)[9_999]).toEqual({ id: '4999', n: 4_999, rest: '{"n":4999}' });
    const over = Array.from({ length: 10_001 }, () => 0);
    expect(runOver(steps, over).quarantined[0]?.reason).toContain('at most 10000 items');
  });

  it('lookup sets fields from its table', () => {
    const table = { us: { name: 'United States', code: 1 }, '49': { name: 'Germany' } };
    const set = { text: 'name', n: 'code' };
    const records = [
      { id: 'a', time: T, c: 'us' },
      { id: 'b', time: T, c: 49 },
      { id: 'c', time: T, c: 'fr' },
      { id: 'd', time: T },
    ];
    const lenient = rowsOf(runOver([MAP, { lookup: { key: 'raw.c', table, set } }], ...records));
    expect(lenient).toEqual([
      { id: 'a', text: 'United States', n: 1 },
      { id: 'b', text: 'Germany' },
      { id: 'c' },
      { id: 'd' },
    ]);
    const strict = runOver([MAP, { lookup: { key: 'raw.c', table, set, missing: 'quarantine' } }], ...records);
    expect(strict.quarantined.map(({ index }) => index)).toEqual([2, 3]);
    expect(strict.quarantined[0]?.reason).toBe("the lookup's table has no row for a string of 2 characters");
    const before = runOver([{ lookup: { key: 'raw.c', table, set } }, { unset: ['c'] }], ...records);
    expect(rowsOf(before)).toEqual(lenient);
  });

  it('redact drops, hashes and masks, in records and in rows', () => {
    const record = {
      id: 'a',
      time: T,
      text: '4111 1111 1111 1234',
      rest: { people: [{ mail: 'x@y', pin: 1 }, {}] },
      n: 5,
    };
    const redacted = rowsOf(
      runOver([{ redact: { text: 'mask', 'rest.people.mail': 'hash', 'rest.people.pin': 'drop', n: 'drop' } }], record),
    );
    const hash = '50be2b3fcb0bd20c0ce4ab3de2f8ed7d4b1d1d48d4c9bd5b3b8ff4c2c0b2f6d8'.length;
    expect(redacted).toEqual([{ id: 'a', text: `${'*'.repeat(15)}1234`, rest: expect.any(String) }]);
    const { people } = JSON.parse(String(redacted[0]?.rest)) as { people: [{ mail: string }, object] };
    expect(people).toEqual([{ mail: expect.stringMatching(/^[0-9a-f]{64}$/) }, {}]);
    expect(people[0].mail).toHaveLength(hash);
    const row = rowsOf(
      runOver([{ map: { ...MAP.map, text: 'raw.mail', n: 'raw.n' } }, { redact: { text: 'hash', n: 'drop' } }], {
        ...record,
        mail: 'x@y',
      }),
    );
    expect(row).toEqual([{ id: 'a', text: people[0].mail }]);
    const short = rowsOf(runOver([{ redact: { text: 'mask' } }], { id: 'a', time: T, text: 'secret' }));
    expect(short).toEqual([{ id: 'a', text: '******' }]);
  });

  it('two projects hash otherwise', () => {
    const hashed = (key: number): unknown => {
      const compilation = compile(version([MAP, { set: { text: '"x"' } }, { redact: { text: 'hash' } }]), {
        redactionKey: Buffer.alloc(32, key),
      });
      if (compilation.kind === 'wrong') throw new Error('wrong');
      const payload = Buffer.from(JSON.stringify({ id: 'a', time: T }));
      const meta = { batchId: 'b', receivedAt: new Date(0) };
      return rowsOf(run(compilation.pipeline, { payload, format: 'json', meta }))[0]?.text;
    };
    expect(hashed(1)).toBe(hashed(1));
    expect(hashed(1)).not.toBe(hashed(2));
  });

  it('count what passed, was filtered and failed, by name', () => {
    const { tallies } = runOver(
      [
        { name: 'only-small', filter: 'raw.n < 3' },
        { ...MAP, name: 'shape' },
      ],
      { id: 'a', time: T, n: 1 },
      { id: 'b', time: T, n: 5 },
      { id: 'c', time: 'never', n: 1 },
    );
    expect(tallies).toMatchObject([
      { label: 'only-small', kind: 'filter', passed: 2, filtered: 1, quarantined: 0 },
      { label: 'shape', kind: 'map', passed: 1, filtered: 0, quarantined: 1 },
    ]);
    expect(tallies.map(({ seconds }) => seconds.length)).toEqual([1, 1]);
  });

  it('a hostile record reaches no prototype', () => {
    const hostile: unknown = JSON.parse(
      `{"id":"a","time":"${T}","__proto__":{"text":"p"},"rest":{"__proto__":{"x":1}}}`,
    );
    const steps: Step[] = [{ rename: { '__proto__.text': 'text' } }, { unset: ['__proto__'] }, { set: { n: '1' } }];
    const payload = Buffer.from(`{"id":"a","time":"${T}","__proto__":{"text":"p"},"rest":{"__proto__":{"x":1}}}`);
    const compilation = compile(version(steps));
    if (compilation.kind === 'wrong') throw new Error('wrong');
    const result = run(compilation.pipeline, {
      payload,
      format: 'json',
      meta: { batchId: 'b', receivedAt: new Date(0) },
    });
    expect(rowsOf(result)).toEqual([{ id: 'a', text: 'p', n: 1, rest: '{"__proto__":{"x":1}}' }]);
    expect(Object.hasOwn(hostile as object, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it.each([
    [[{ filter: 'true', split: 'raw' }], 'spec.steps[0]: must have exactly one of'],
    [[MAP, { unset: ['idd'] }], 'spec.steps[1].unset[0]: the row has no field "idd"; is "id" meant?'],
    [[MAP, { rename: { tme: 'n' } }], 'spec.steps[1].rename.tme: the row has no field "tme"; is "time" meant?'],
    [[MAP, { rename: { id: 'time' } }], 'the row has a field "time" already'],
    [[MAP, { set: { nn: '1' } }], 'spec.steps[1].set.nn: the dataset has no column "nn"; is "n" meant?'],
    [[MAP, { set: { n: '"x"' } }], 'spec.steps[1].set.n: gives string, but the column is int. Use int(...).'],
    [
      [{ map: { ...MAP.map, x: '"s"' } }, { rename: { x: 'n' } }],
      'spec.steps[1].rename.x: gives string, but the column is int',
    ],
    [[MAP, { redact: { txt: 'hash' } }], 'the row has no field "txt"'],
    [[MAP, { redact: { time: 'drop' } }], 'no map step gives "time"'],
    [[{ split: '1 + 2' }], 'spec.steps[0].split: must give a list, and gives int'],
    [
      [MAP, { lookup: { key: 'raw.c', table: { a: { name: 1 } }, set: { n: 'nam' } } }],
      'no row of the table has "nam"; is "name" meant?',
    ],
    [[MAP, { reshape: { jsonata: 'a' } }], 'reshape can be the first step alone'],
    [[{ reshape: { jsonata: 'a +' } }], 'spec.steps[0].reshape.jsonata: is no JSONata'],
    [[{ filter: 'parent.a == 1' }], 'Unknown variable: parent'],
    [[{ filter: 'parse_time(raw.t, "%Q") == null' }], 'unknown directive "%Q"'],
    [[{ filter: 'extract(raw.t, "(") == null' }], 'RE2'],
  ] as const)('a mistake is named with its place (%#)', (steps, message) => {
    expect(problems(...steps).join('\n')).toContain(message);
  });
});

import fc from 'fast-check';
import { RECORD_FORMATS } from '#libs/contracts/record-format';
import type { InstallSteps } from '#libs/contracts/steps';
import { BadRequest } from '#libs/errors/errors';
import { frame } from '#libs/framing/framing';
import { compile } from './compile';
import { CompiledPipeline } from './pipeline';
import { BatchInput, BatchResult, MeteredResult, run } from './run';

const COLUMNS: InstallSteps['columns'] = [
  { name: 'id', type: 'string', nullable: false },
  { name: 'time', type: 'timestamp', nullable: false },
  { name: 'size', type: 'int', nullable: true },
  { name: 'value', type: 'double', nullable: true },
  { name: 'good', type: 'bool', nullable: true },
  { name: 'rest', type: 'json', nullable: true },
];
const SCHEMA = {
  type: 'object',
  required: ['id', 'time'],
  properties: {
    id: { type: 'string', minLength: 1, pattern: '^[a-z]' },
    time: { type: 'string', format: 'date-time' },
    size: { type: 'integer', minimum: 0 },
    value: { type: 'number' },
    good: { type: 'boolean' },
    rest: {},
  },
  additionalProperties: false,
};
const MAP = {
  id: 'string(raw.id)',
  time: 'timestamp_ms(raw.t)',
  size: 'int(raw.n)',
  value: 'raw.n * 1.5',
  good: 'raw.id.startsWith("a")',
  rest: 'raw.more',
};

const PIPELINES: Readonly<Record<string, InstallSteps['steps']>> = {
  'no step at all': [],
  'a map': [{ map: MAP }],
  'filter, map, validate': [{ filter: 'raw.n > 2' }, { map: MAP }, { validate: { schema: 's@1' } }],
  'two maps, a filter over the row': [{ map: MAP }, { map: { value: 'row.size + 1' } }, { filter: 'row.value > 0.0' }],
  'validation of the record itself': [{ validate: { schema: 's@1' } }],
  'a record that is changed in place': [
    { rename: { t: 'time', 'more.deep': 'rest' } },
    { set: { id: 'string(raw.id)', time: 'timestamp_ms(raw.time)', size: 'int(raw.n)' } },
    {
      lookup: { key: 'raw.id', table: { a: { good: true, v: 2 }, abc: { good: false, v: 3 } }, set: { good: 'good' } },
    },
    { unset: ['n', 'more', 'other'] },
    { redact: { rest: 'drop', id: 'hash' } },
    { validate: { schema: 's@1' } },
  ],
  'a split, with the record above each item': [
    { filter: 'has(raw.more)' },
    { split: 'raw.more' },
    { map: { id: 'string(coalesce(raw, parent.id)) + "/" + string(meta.item)', time: 'timestamp_ms(parent.t)' } },
    { set: { size: 'int(parent.n)', good: 'raw' } },
  ],
  'a row that is changed in place': [
    { map: { id: 'string(raw.id)', moment: 'timestamp_ms(raw.t)', secret: 'raw.more' } },
    { rename: { moment: 'time' } },
    { set: { rest: 'row.secret' } },
    { redact: { secret: 'drop', id: 'mask' } },
    {
      lookup: { key: 'row.id', table: { a: { v: 2 }, '****': { v: 3.5 } }, set: { value: 'v' }, missing: 'quarantine' },
    },
    { validate: { schema: 's@1' } },
  ],
};

const compiled = (steps: InstallSteps['steps']): CompiledPipeline => {
  const compilation = compile({
    project: 'p',
    pipeline: 'p',
    version: 1,
    steps,
    schemas: { 's@1': SCHEMA },
    dataset: 'd',
    time: 'time',
    key: ['id'],
    columns: COLUMNS,
  });
  if (compilation.kind === 'wrong') throw new Error(JSON.stringify(compilation.problems));
  return compilation.pipeline;
};

const member = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 3, 1.5, 2 ** 60, 'a', 'abc', '', '7', '2018-02-01T00:00:00Z', 1_517_443_200_000),
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.array(fc.constantFrom(true, null, 'x', 1), { maxLength: 4 }),
);
const nearlyRight = fc.dictionary(
  fc.constantFrom('id', 't', 'time', 'n', 'size', 'value', 'good', 'rest', 'more', '__proto__', 'other'),
  member,
);
const right = fc.record({
  id: fc.stringMatching(/^[a-z]{1,8}$/),
  t: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  n: fc.integer({ min: 0, max: 9 }),
});
const text = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? 'null');
const bytes = fc.uint8Array({ maxLength: 60 }).map((given) => Buffer.from(given));
/** A record whose text is cut somewhere, or has a byte changed. */
const damaged = fc
  .tuple(nearlyRight.map(text), fc.nat(), fc.option(fc.integer({ min: 0, max: 127 })))
  .map(([whole, at, byte]) => {
    const place = whole.length === 0 ? 0 : at % whole.length;
    if (byte === null) return whole.subarray(0, place);
    const changed = Buffer.from(whole);
    changed[place] = byte;
    return changed;
  });
const likely = fc.oneof(right.map(text), nearlyRight.map(text), member.map(text));
const lines = fc.oneof({ weight: 8, arbitrary: likely }, { weight: 3, arbitrary: damaged }, bytes);
const records = fc.oneof(
  fc.array(lines, { minLength: 1, maxLength: 12 }),
  fc.array(likely, { minLength: 1, maxLength: 12 }),
);
const join = (parts: readonly Buffer[], between: string): Buffer =>
  Buffer.concat(parts.flatMap((part, at) => (at === 0 ? [part] : [Buffer.from(between), part])));

const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;
const field = fc.oneof(
  fc.constantFrom('', 'a', 'abc', '7', '1.5', '1517443200000', '"', ',', '\n', '=1+1', 'ä\u0000'),
  fc.string({ unit: 'binary' }),
);
/** A table of CSV as programs write it, with a row that has too few or too many fields here and there. */
const table = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom('id', 't', 'n', 'more', '__proto__', 'constructor'), { minLength: 1 }),
    fc.array(fc.array(field, { minLength: 1, maxLength: 7 }), { minLength: 1, maxLength: 8 }),
    fc.boolean(),
  )
  .map(([columns, rows, right]) => {
    const fitted = right ? rows.map((row) => columns.map((_, at) => row[at % row.length] ?? '')) : rows;
    return Buffer.from([columns, ...fitted].map((row) => row.map(quoted).join(',')).join('\r\n'));
  });
/** Events as the specification wants them, nearly. */
const event = fc.record(
  {
    specversion: fc.constantFrom('1.0', '1.0', '1.0', '0.3', 1),
    id: fc.oneof(fc.constantFrom('a', ''), fc.string()),
    source: fc.constantFrom('/s', 'urn:x', ''),
    type: fc.constantFrom('t', ''),
    time: fc.constantFrom('2026-01-01T00:00:00Z', 'now'),
    data: fc.oneof(right, nearlyRight, member),
    data_base64: fc.constantFrom('eyJpZCI6ImEifQ==', '!'),
    datacontenttype: fc.constantFrom('application/json', 'text/plain', ''),
    id2: member,
  },
  { requiredKeys: ['specversion', 'id', 'source', 'type'] },
);

const payload = fc.oneof(
  table.map((body): [Buffer, BatchInput['format']] => [body, 'csv']),
  fc
    .array(event, { minLength: 1, maxLength: 8 })
    .map((events): [Buffer, BatchInput['format']] => [text(events), 'cloudevents']),
  event.map((one): [Buffer, BatchInput['format']] => [text(one), 'cloudevents']),
  records.map((parts): [Buffer, BatchInput['format']] => [join(parts, '\n'), 'ndjson']),
  records.map((parts): [Buffer, BatchInput['format']] => [
    Buffer.concat([Buffer.from('['), join(parts, ','), Buffer.from(']')]),
    'json',
  ]),
  records.map((parts): [Buffer, BatchInput['format']] => [
    Buffer.concat([Buffer.from('['), join(parts, ','), Buffer.from(']')]),
    'cloudevents',
  ]),
  records.map((parts): [Buffer, BatchInput['format']] => [
    Buffer.concat([Buffer.from('id,t\n'), join(parts, '\n')]),
    'csv',
  ]),
  fc
    .array(fc.constantFrom('<id>a</id>', '<t>1</t>', 'x', '<n a="1"/>', '&amp;', '&no;', '<![CDATA[<]]>'), {
      maxLength: 8,
    })
    .map((parts): [Buffer, BatchInput['format']] => [
      Buffer.from(`<all><r>${parts.join('')}</r><r>${parts.join('</r><r>')}</r></all>`),
      'xml',
    ]),
  fc.tuple(bytes, fc.constantFrom<BatchInput['format']>(...RECORD_FORMATS)),
);

const inputOf = (given: Uint8Array, format: BatchInput['format']): BatchInput => ({
  payload: given,
  format,
  meta: { batchId: '0191d1f0-0000-7000-8000-000000000000', receivedAt: new Date('2026-01-01T00:00:00Z') },
});

/** `undefined` for what acceptance refuses: such bytes never become a batch. */
function framed(given: Uint8Array, format: BatchInput['format']): number | undefined {
  try {
    return frame(given, format).count;
  } catch (thrown) {
    if (thrown instanceof BadRequest) return undefined;
    throw thrown;
  }
}

/** All that does not depend on how fast the machine is. */
const untimed = ({ tallies, ...result }: MeteredResult): unknown => [
  result,
  tallies.map(({ seconds, ...tally }) => ({ ...tally, timed: seconds.length })),
];

const RUNS = 200;

describe.each(Object.entries(PIPELINES))('%s, over any bytes', (_name, steps) => {
  const pipeline = compiled(steps);

  it('never throws and never loses: normalized + filtered + quarantined = framed', () => {
    let read = 0;
    fc.assert(
      fc.property(payload, ([given, format]) => {
        const count = framed(given, format);
        if (count === undefined) return;
        const result = run(pipeline, inputOf(given, format));
        expect(result.framed).toBe(count);
        expect(result.normalized + result.filtered + result.quarantined.length).toBe(count);
        expect(result.rows.columns.map(({ values }) => values.length)).toEqual(COLUMNS.map(() => result.rows.length));
        expect(new Set(result.quarantined.map(({ index }) => index)).size).toBe(result.quarantined.length);
        read += count;
      }),
      { numRuns: RUNS },
    );
    expect(read).toBeGreaterThan(RUNS);
  });

  it('gives the same for the same bytes and version, compiled anew or not', () => {
    fc.assert(
      fc.property(payload, ([given, format]) => {
        if (framed(given, format) === undefined) return;
        const first = untimed(run(pipeline, inputOf(given, format)));
        expect(untimed(run(pipeline, inputOf(given, format)))).toEqual(first);
        expect(untimed(run(compiled(steps), inputOf(Buffer.from(given), format)))).toEqual(first);
      }),
      { numRuns: RUNS / 4 },
    );
  });

  it('keeps the bytes of what it quarantines as they came', () => {
    fc.assert(
      fc.property(records, (parts) => {
        const body = join(parts, '\n');
        if (framed(body, 'ndjson') === undefined) return;
        const { starts, ends } = frame(body, 'ndjson');
        const { quarantined }: BatchResult = run(pipeline, inputOf(body, 'ndjson'));
        for (const { index, raw, reason } of quarantined) {
          expect(Buffer.from(raw)).toEqual(body.subarray(starts[index], ends[index]));
          expect(reason.length).toBeGreaterThan(3);
        }
      }),
      { numRuns: RUNS / 4 },
    );
  });
});

import fc from 'fast-check';
import { ChartlyError } from '#libs/errors/errors';
import { canonicalJson, digestOf } from './canonical';
import { nextCronTick } from './cron';
import { differences } from './diff';
import { parseMeasure } from './measure';
import { parseDocuments } from './parse';
import { resolvePipeline } from './resolve';
import { substituteEnv } from './substitute-env';

const PIPELINE = `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: metrics }
spec:
  steps:
    - map: { id: raw.id, time: timestamp_ms(raw.t), value: double(raw.v) }
  store: { dataset: metrics, time: time, key: [id], columns: { id: string, time: timestamp, value: double? } }
  rollups:
    - { name: hourly, bucket: 1h, measures: { n: count(), peak: max(value) } }
`;

function fieldsOf(text: string): string[] {
  try {
    parseDocuments(text, 'default');
    return [];
  } catch (thrown) {
    if (!(thrown instanceof ChartlyError)) throw thrown;
    return (thrown.details.fields ?? []).map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('parseDocuments', () => {
  it('reads a pipeline and gives it the project it is applied to', () => {
    const [document] = parseDocuments(PIPELINE, 'default');
    expect(document).toMatchObject({ kind: 'Pipeline', metadata: { name: 'metrics', project: 'default' } });
  });

  it('names an unknown field and the one that was meant', () => {
    expect(fieldsOf(PIPELINE.replace('  store:', '  stor:'))).toEqual([
      'Pipeline/metrics: spec.store: is missing',
      'Pipeline/metrics: spec.stor: unknown field; did you mean "store"?',
    ]);
  });

  it('tells all problems of all documents at once', () => {
    const text = `${PIPELINE.replace('1h', '1 hour')}\n---\nkind: Pipelin\n`;
    expect(fieldsOf(text).map((line) => line.split(':')[0])).toEqual(['Pipeline/metrics', 'kind']);
  });

  it.each([
    ['a: 1\na: 2', /unique/i],
    ['a: [1', /line \d/],
    ['', /no document/],
    [`&a [${'*a,'.repeat(3)}]`, /./],
    [
      PIPELINE.replace('metadata: { name: metrics }', 'metadata: { name: metrics, project: other }'),
      /applied to "default"/,
    ],
    [PIPELINE.replace('max(value)', 'most(value)'), /is not a measure/],
    [PIPELINE.replace('  steps:', '  schedule: { every: 5m }\n  steps:'), /has none/],
    ['apiVersion: chartly.io/v1\nkind: Connection\nmetadata: { name: x }\nspec: { url: "ftp://x" }', /not an http/],
  ])('refuses %j', (text, reason) => {
    expect(fieldsOf(text).join('\n')).toMatch(reason);
  });

  it('rule 23: refuses keys that could reach a prototype', () => {
    expect(fieldsOf('{"__proto__": {"admin": true}, "kind": "Pipeline"}').join()).toMatch(/not allowed/);
  });
});

describe('resolvePipeline', () => {
  const resolve = (text: string) => {
    const [document] = parseDocuments(text, 'default');
    if (document?.kind !== 'Pipeline') throw new Error('a pipeline was expected');
    return resolvePipeline(document, { schema: () => undefined, connection: () => undefined });
  };

  it('types the columns and reads the measures', () => {
    expect(resolve(PIPELINE)).toMatchObject({
      columns: [
        { name: 'id', type: 'string', nullable: false },
        { name: 'time', type: 'timestamp', nullable: false },
        { name: 'value', type: 'double', nullable: true },
      ],
      rollups: [{ name: 'hourly', bucketMs: 3_600_000, measures: [{ fn: 'count' }, { fn: 'max', column: 'value' }] }],
    });
  });

  it('says how to give columns their types when nothing does', () => {
    expect(resolve(PIPELINE.replace(/, columns: \{.*\} \}/, ' }'))).toEqual([
      expect.objectContaining({ path: 'spec.store', message: expect.stringContaining('store.columns') }),
    ]);
  });

  it('refuses a key that can be null and a column that there is not', () => {
    expect(resolve(PIPELINE.replace('key: [id]', 'key: [value, idd]'))).toEqual([
      { path: 'spec.store.key[0]', message: '"value" can be null, and a key cannot: require it' },
      { path: 'spec.store.key[1]', message: 'there is no column "idd"; did you mean "id"?' },
    ]);
  });
});

describe('differences', () => {
  it('finds nothing between equal values and something between different ones', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(differences(a, structuredClone(a))).toEqual([]);
        const same = canonicalJson(a) === canonicalJson(b);
        if (!same) expect(differences(a, b).length).toBeGreaterThan(0);
      }),
    );
  });

  it('names the place', () => {
    expect(differences({ a: { b: [1, 2] } }, { a: { b: [1, 3] }, c: 1 })).toEqual([
      { path: 'a.b[1]', before: 2, after: 3 },
      { path: 'c', before: undefined, after: 1 },
    ]);
  });
});

describe('canonical JSON (RFC 8785)', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (record) => {
        const turned = Object.fromEntries(Object.entries(record).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(record));
        expect(JSON.parse(canonicalJson(record))).toEqual(JSON.parse(JSON.stringify(record)));
      }),
    );
  });

  it('writes numbers and strings as the RFC shows', () => {
    expect(
      canonicalJson({ numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 1e-27], string: '€$\u000f\nA\'B"\\\\"/' }),
    ).toBe('{"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}');
    expect(digestOf({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });
});

describe('small parts', () => {
  it('reads measures', () => {
    expect(parseMeasure('p', 'quantile(v, 0.95)')).toEqual({ name: 'p', fn: 'quantile', column: 'v', q: 0.95 });
    expect(parseMeasure('p', 'max()')).toMatch(/names no column/);
    expect(parseMeasure('p', 'quantile(v, 2)')).toMatch(/between 0 and 1/);
  });

  it('fills the environment in', () => {
    expect(substituteEnv('${env.A} ${env.B:-b} ${env.C}', { A: 'a' })).toBe('a b ${env.C}');
  });

  it('finds the next tick over a change to summer time', () => {
    const before = new Date('2026-03-29T00:30:00Z');
    expect(nextCronTick('30 2 * * *', 'Europe/Vienna', before).toISOString()).toBe('2026-03-29T01:30:00.000Z');
    expect(nextCronTick('0 12 * * *', 'Europe/Vienna', before).toISOString()).toBe('2026-03-29T10:00:00.000Z');
  });
});

import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChartlyError } from '#libs/errors/errors';
import { canonicalJson, digestOf } from './canonical';
import { cronProblem, nextCronTick } from './cron';
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
      'Pipeline/metrics: spec.store: is missing (line 5)',
      'Pipeline/metrics: spec.stor: unknown field; did you mean "store"? (line 8)',
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
    [PIPELINE.replace('max(value)', 'most(value)'), /is not a measure.*line 10/],
    [
      PIPELINE.replace('apiVersion: chartly.io/v1', 'apiVersion: chartly.io/v2'),
      /apiVersion: must be "chartly.io\/v1"/,
    ],
    [PIPELINE.replace('  rollups:', '  monitors: []\n  rollups:'), /spec.monitors: unknown field/],
    [`${PIPELINE}    - { name: hourly, bucket: 1h, measures: { n: count() } }\n`, /name of a rollup before it/],
    [PIPELINE.replace('dataset: metrics', 'dataset: "${env.DATASET}"'), /dataset.*has not the form/],
    [PIPELINE.replace('raw.id', '"${env.ID}"'), /steps\[0\].map.id: \$\{env.ID\} is not set/],
    [PIPELINE.replace('raw.id', '"${connection.x}"'), /cannot stand here/],
    [PIPELINE.replace('  rollups:', '  keepRaw: 10m\n  rollups:'), /keepRaw.*between 1h and 400d/],
    [PIPELINE.replace('  rollups:', '  keepRaw: 401d\n  rollups:'), /keepRaw.*between 1h and 400d/],
    [PIPELINE.replace('  rollups:', '  keepRaw: never\n  rollups:'), /keepRaw.*has not the form/],
    ['a: !secret x', /tag/i],
    ['a: !!binary aGk=', /no JSON form/],
    ['%YAML 1.1\n---\na: yes', /1\.1 is not read/],
    ['a: .inf', /JSON cannot write/],
    ['a: "x\\0y"', /U\+0000/],
    ['a: "\\ud800"', /lone surrogate/],
    ['? { a: 1 }\n: b', /keys/i],
    [PIPELINE.replace('  steps:', '  schedule: { every: 5m }\n  steps:'), /has none/],
    [
      PIPELINE.replace('  steps:', '  source: { limits: { rate: 1/s } }\n  steps:'),
      /exactly one of http.*, and has none/,
    ],
    ['apiVersion: chartly.io/v1\nkind: Connection\nmetadata: { name: x }\nspec: { url: "ftp://x" }', /not an http/],
  ])('refuses %j', (text, reason) => {
    expect(fieldsOf(text).join('\n')).toMatch(reason);
  });

  it('reads the example of the newcomer', () => {
    const text = readFileSync(join(__dirname, '../../examples/earthquakes/pipeline.yaml'), 'utf8');
    const documents = parseDocuments(substituteEnv(text, {}), 'default');
    expect(documents.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
      'Schema/earthquake',
      'Connection/usgs',
      'Pipeline/earthquakes',
    ]);
    expect(fieldsOf(text)[0]).toMatch(/Connection\/usgs: spec.url: \$\{env.USGS_URL.*line 26/);
  });

  it('reads the same documents from JSON as from YAML', () => {
    const [document] = parseDocuments(PIPELINE, 'default');
    expect(parseDocuments(JSON.stringify(document), 'default')).toEqual([document]);
  });

  it.each([
    ['closed brackets', '['.repeat(20_000) + ']'.repeat(20_000), /nested more than 64/],
    ['open brackets', '['.repeat(500_000), /nested more than 64/],
    ['braces', '{a: '.repeat(100_000), /nested more than 64/],
    ['one dash after another', `${'- '.repeat(200_000)}x`, /nested more than 64/],
    ['keys of keys', `${'? '.repeat(100_000)}x`, /nested more than 64/],
    [
      'a wide map',
      `{${Array.from({ length: 50_000 }, (_, at) => `k${at}: 1`).join(', ')}}`,
      /more than \d+ (keys|parts)/,
    ],
    ['very many documents', 'a: 1\n---\n'.repeat(20_000), /more than 200 documents/],
    ['more text than anybody writes', `a: ${'x'.repeat(1_000_001)}`, /characters/],
    ['aliases of aliases', `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(9)}]\nc: [${'*b,'.repeat(9)}]`, /alias/i],
    ['very many aliases', Array.from({ length: 9_000 }, (_, at) => `- &a${at} x\n- *a${at}`).join('\n'), /500 aliases/],
    ['a key as long as a book', `? ${'k'.repeat(900_000)}\n: 1`, /kind/],
  ])('rule 35: refuses %s before its structure is built', (_, text, reason) => {
    expect(fieldsOf(text).join('\n')).toMatch(reason);
  });

  it('refuses a schema that refers from place to place without end', () => {
    const chain = (length: number): string =>
      JSON.stringify({
        apiVersion: 'chartly.io/v1',
        kind: 'Schema',
        metadata: { name: 'chain' },
        spec: {
          version: 1,
          jsonSchema: {
            $ref: '#/$defs/d0',
            $defs: Object.fromEntries(
              Array.from({ length }, (_, at) => [
                `d${at}`,
                { allOf: [{ $ref: `#/$defs/d${(at + 1) % length}` }, { properties: { a: { pattern: 'x' } } }] },
              ]),
            ),
          },
        },
      });
    expect(fieldsOf(chain(99))).toEqual([]);
    expect(fieldsOf(chain(900)).join()).toMatch(/more than 100 times/);
  });

  it('never throws anything but the error that names the places', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json({ maxDepth: 80 })), (text) => {
        expect(Array.isArray(fieldsOf(text))).toBe(true);
      }),
    );
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

describe('resolvePipeline, with what it refers to', () => {
  const SCHEMA = {
    type: 'object',
    required: ['id', 'time'],
    properties: { id: { type: 'string' }, time: { type: 'string', format: 'date-time' }, size: { type: 'string' } },
  };
  const text = (more: string): string => `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: metrics }
spec:
  source: { http: { url: '\${connection.api}/items?q=1', headers: { a: own } } }
  steps:
    - map: { id: raw.id, time: raw.t }
    - validate: { schema: metric@2 }
  store: { dataset: metrics, time: time, key: [id] }
  ${more}`;
  const resolve = (url: string, more = '', schema: object | undefined = SCHEMA) => {
    const [document] = parseDocuments(text(more), 'default');
    if (document?.kind !== 'Pipeline') throw new Error('a pipeline was expected');
    return resolvePipeline(document, {
      schema: (ref) => (ref === 'metric@2' ? (schema as Record<string, unknown> | undefined) : undefined),
      connection: (name) => (name === 'api' ? { url, headers: { a: 'theirs', b: 'theirs' } } : undefined),
    });
  };

  it('writes the connection and the schema out', () => {
    expect(resolve('https://x.example/v1/')).toMatchObject({
      spec: { source: { http: { url: 'https://x.example/v1/items?q=1', headers: { a: 'own', b: 'theirs' } } } },
      schemas: { 'metric@2': SCHEMA },
      columns: [{ name: 'id' }, { name: 'time', type: 'timestamp', nullable: false }, { name: 'size', nullable: true }],
    });
  });

  it('takes a connection as it stands, whatever signs are in it', () => {
    expect(resolve("https://x.example/$&/$'/$1")).toMatchObject({
      spec: { source: { http: { url: "https://x.example/$&/$'/$1/items?q=1" } } },
    });
  });

  it.each([
    ['ftp://x.example', '', SCHEMA, 'is not an http or https URL'],
    ['https://x', '', { type: 'object' }, 'names no properties'],
    [
      'https://x',
      '',
      { properties: { ...SCHEMA.properties, 'a b': {} }, required: SCHEMA.required },
      'cannot be a column',
    ],
    ['https://x', '', { ...SCHEMA, properties: { ...SCHEMA.properties, ID: {} } }, 'differ by case alone'],
    ['https://x', 'rollups: [{ name: r, bucket: 1h, measures: { n: sum(size) } }]', SCHEMA, 'sum needs numbers'],
    [
      'https://x',
      'rollups: [{ name: r, bucket: 1h, by: [sizee], measures: { n: count() } }]',
      SCHEMA,
      'did you mean "size"?',
    ],
  ])('refuses %s, %s', (url, more, schema, reason) => {
    expect(JSON.stringify(resolve(url, more, schema)).replaceAll('\\"', '"')).toContain(reason);
  });
});

describe('cron', () => {
  it.each([
    ['* * * *', 'UTC', /five fields/],
    ['0 0 30 2 *', 'UTC', /never ticks/],
    ['60 * * * *', 'UTC', /range 0-59/],
    ['H * * * *', 'UTC', /another time at each look/],
    ['0 * * * *', 'Europe/Wien', /no IANA time zone/],
  ])('refuses %s in %s', (cron, zone, reason) => {
    expect(cronProblem(cron, zone)).toMatch(reason);
  });

  it('takes the names of days', () => {
    expect(cronProblem('0 9 * * THU', 'Europe/Vienna')).toBeUndefined();
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

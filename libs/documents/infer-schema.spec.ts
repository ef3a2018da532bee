import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { misfits } from './compatibility/misfits';
import { inferSchema } from './infer-schema';

const ajv = new Ajv2020({ strict: false, logger: false, ownProperties: true });
addFormats(ajv);

describe('a schema that is inferred from samples', () => {
  it('says which types there are, what is always there, and what texts are', () => {
    const samples = [
      { id: 'a', at: '2026-01-01T00:00:00Z', n: 1, tags: ['x'], place: { lat: 1.5 } },
      { id: 'b', at: '2026-01-01T00:00:00.5+02:00', n: 1.5, tags: [], place: null, more: true },
    ];
    expect(inferSchema(samples, { closed: true })).toEqual({
      type: 'object',
      required: ['id', 'at', 'n', 'tags', 'place'],
      properties: {
        id: { type: 'string' },
        at: { type: 'string', format: 'date-time' },
        n: { type: 'number' },
        tags: { type: 'array', items: { type: 'string' } },
        place: {
          type: ['null', 'object'],
          required: ['lat'],
          properties: { lat: { type: 'number' } },
          additionalProperties: false,
        },
        more: { type: 'boolean' },
      },
      additionalProperties: false,
    });
  });

  it('takes a text for a day only where its month has that day', () => {
    expect(inferSchema(['2024-02-29', '2025-12-31'])).toEqual({ type: 'string', format: 'date' });
    expect(inferSchema(['2025-02-29'])).toEqual({ type: 'string' });
    expect(inferSchema(['2025-02-29T00:00:00Z'])).toEqual({ type: 'string' });
  });

  it('takes an object with very many names for a map, whatever it holds', () => {
    const map = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`k${at}`, at]));
    expect(inferSchema([map])).toEqual({ type: 'object' });
  });

  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('2026-01-01', '2026-01-01T00:00:00Z', '2026-02-30', '0191d1f0-0000-7000-8000-000000000000'),
    fc.date({ noInvalidDate: true, min: new Date(0) }).map((date) => date.toISOString()),
    fc.uuid(),
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.constantFrom(null, true, 0, 1, -1, 1.5),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'id', 'constructor', 'a/b'), tie('value'), { maxKeys: 5 }),
    ),
  })).value;

  it('accepts each of its samples', () => {
    fc.assert(
      fc.property(fc.array(json, { minLength: 1, maxLength: 6 }), fc.boolean(), (samples, closed) => {
        const validate = ajv.compile(inferSchema(samples, { closed }));
        for (const sample of samples) {
          const copy: unknown = JSON.parse(JSON.stringify(sample)); // as it comes from a file
          if (!validate(copy)) throw new Error(JSON.stringify([copy, validate.errors]));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('accepts, from more samples, all that it accepted from fewer, where no object is closed', () => {
    expect(misfits(inferSchema([{ a: 1 }, { a: 'x' }, {}]), inferSchema([{ a: 1 }]))).toEqual([]);
  });
});

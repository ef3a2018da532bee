import Ajv2020 from 'ajv/dist/2020';
import fc from 'fast-check';
import { JsonSchema } from '../json-schema';
import { misfits } from './misfits';
import { COMPATIBILITY_MODES, incompatibilities } from './modes';

const NAMES = ['a', 'b', 'c'];
const small = fc.integer({ min: 0, max: 4 });

const { schema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record(
      {
        type: fc.constantFrom('number', 'integer', ['integer', 'null']),
        minimum: small,
        maximum: small,
        exclusiveMinimum: small,
      },
      { requiredKeys: [] },
    ),
    fc.record(
      {
        type: fc.constantFrom('string', ['string', 'null']),
        minLength: small,
        maxLength: small,
        pattern: fc.constantFrom('^x', 'y$'),
      },
      { requiredKeys: [] },
    ),
    fc.record({ enum: fc.uniqueArray(fc.constantFrom(0, 1, 1.5, 'x', null, true), { minLength: 1 }) }),
    fc.record({ const: fc.constantFrom(0, 'x', null) }),
    fc.record(
      { type: fc.constant('array'), items: tie('schema'), minItems: small, uniqueItems: fc.boolean() },
      { requiredKeys: [] },
    ),
    fc.record(
      {
        type: fc.constant('object'),
        properties: fc.dictionary(fc.constantFrom(...NAMES), tie('schema')),
        required: fc.uniqueArray(fc.constantFrom(...NAMES)),
        additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
        maxProperties: small,
      },
      { requiredKeys: [] },
    ),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ not: tie('schema') }),
  ),
}));

const { instance } = fc.letrec<{ instance: unknown }>((tie) => ({
  instance: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(0, 1, 1.5, 2, 3, 5, -1, 'x', 'xy', '', 'zzzzzz', null, true, false),
    fc.array(tie('instance'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES, 'd'), tie('instance'), { noNullPrototype: true }),
  ),
}));

/** The schema with some members taken from another: near enough that many pairs are compatible. */
const pair = fc
  .tuple(
    schema,
    schema,
    fc.subarray([
      'type',
      'properties',
      'required',
      'additionalProperties',
      'minimum',
      'items',
      'minLength',
      'enum',
      'anyOf',
    ]),
  )
  .map(([one, other, names]): [JsonSchema, JsonSchema] => [
    one,
    { ...one, ...Object.fromEntries(names.filter((name) => name in other).map((name) => [name, other[name]])) },
  ]);

const accepts = (given: JsonSchema): ((value: unknown) => boolean) => {
  const validate = new Ajv2020({ strict: false, logger: false }).compile(given);
  return (value) => validate(value);
};
const paths = (wide: JsonSchema, narrow: JsonSchema): string[] => misfits(wide, narrow).map(({ path }) => path);

describe('the compatibility of schemas', () => {
  it('a change that passes never refuses an instance that was accepted', () => {
    let proven = 0;
    fc.assert(
      fc.property(
        pair,
        fc.array(instance, { minLength: 10, maxLength: 20 }),
        fc.boolean(),
        ([one, other], values, swap) => {
          const [wide, narrow] = swap ? [one, other] : [other, one];
          if (misfits(wide, narrow).length > 0) return;
          proven += 1;
          const [before, after] = [accepts(narrow), accepts(wide)];
          for (const value of values) if (before(value)) expect([value, after(value)]).toEqual([value, true]);
        },
      ),
      { numRuns: 200 },
    );
    expect(proven).toBeGreaterThan(5);
  });

  it('a schema is compatible with itself', () => {
    fc.assert(fc.property(schema, (one) => expect(misfits(one, structuredClone(one))).toEqual([])));
  });

  it('names the place of each change that refuses more', () => {
    const before = {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string' }, size: { type: 'number', minimum: 0 }, kind: { enum: ['a', 'b'] } },
      additionalProperties: false,
    };
    const changed = (properties: object, more: object = {}): JsonSchema => ({
      ...before,
      properties: { ...before.properties, ...properties },
      ...more,
    });
    expect(paths(changed({ note: { type: 'string' } }), before)).toEqual([]);
    expect(paths(changed({ size: { type: 'number' } }), before)).toEqual([]);
    expect(paths(changed({ kind: { enum: ['a', 'b', 'c'] } }), before)).toEqual([]);
    expect(paths(changed({}, { required: ['id', 'size'] }), before)).toEqual(['required']);
    expect(paths(changed({ size: { type: 'integer', minimum: 0 } }), before)).toEqual(['properties.size.type']);
    expect(paths(changed({ size: { type: 'number', minimum: 1 } }), before)).toEqual(['properties.size.minimum']);
    expect(paths(changed({ kind: { enum: ['a'] } }), before)).toEqual(['properties.kind.enum']);
    expect(paths({ ...before, properties: { id: { type: 'string' } } }, before)).toEqual([
      'additionalProperties (for "size")',
      'additionalProperties (for "kind")',
    ]);
    const open = { type: 'object', properties: { id: { type: 'string' } } };
    expect(paths({ ...open, properties: { ...open.properties, n: { type: 'number' } } }, open)).toEqual([
      'properties.n',
    ]);
  });

  it('holds the seven modes to the versions that they name', () => {
    const narrow = { type: 'string', maxLength: 5 };
    const wide = { type: 'string' };
    const verdicts = (next: JsonSchema): Record<string, number[]> =>
      Object.fromEntries(
        COMPATIBILITY_MODES.map((mode) => [
          mode,
          incompatibilities(mode, next, [
            { version: 1, jsonSchema: wide },
            { version: 2, jsonSchema: narrow },
          ]).map(({ version }) => version),
        ]),
      );
    expect(verdicts(narrow)).toEqual({
      none: [],
      backward: [],
      backward_transitive: [1],
      forward: [],
      forward_transitive: [],
      full: [],
      full_transitive: [1],
    });
    expect(verdicts(wide)).toEqual({
      none: [],
      backward: [],
      backward_transitive: [],
      forward: [2],
      forward_transitive: [2],
      full: [2],
      full_transitive: [2],
    });
  });
});

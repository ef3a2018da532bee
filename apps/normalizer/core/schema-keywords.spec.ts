import { compileSchema } from './schema-keywords';

const accepts = (schema: object, value: unknown): boolean => compileSchema(schema)(value) === true;

describe('the keywords of a schema', () => {
  it.each(['valueOf', 'toString', 'constructor', 'toJSON', 'hasOwnProperty', '__proto__'])(
    'refuses a record that holds %s as data, and does not call it',
    (name) => {
      const record: unknown = JSON.parse(`{"${name}": 1}`);
      expect(accepts({ const: { a: 1 } }, record)).toBe(false);
      expect(accepts({ enum: [{ a: 1 }, 'x'] }, record)).toBe(false);
      expect(accepts({ uniqueItems: true }, [record, record])).toBe(false);
      expect(accepts({ enum: ['x', record] }, structuredClone(record))).toBe(true);
    },
  );

  it('compares objects whatever the order of their keys, and numbers by value', () => {
    expect(accepts({ const: { a: 1, b: [{ c: 1, d: 2 }] } }, { b: [{ d: 2, c: 1 }], a: 1 })).toBe(true);
    expect(accepts({ const: { a: [1, 2] } }, { a: [2, 1] })).toBe(false);
    expect(accepts({ enum: [0, 1] }, -0)).toBe(true);
    expect(accepts({ enum: [0, 1] }, false)).toBe(false);
    expect(accepts({ enum: [0, 1] }, '1')).toBe(false);
    expect(accepts({ enum: [null] }, null)).toBe(true);
  });

  it('keeps the patterns of one schema apart', () => {
    const schema = {
      properties: { a: { pattern: '^a+$' }, b: { pattern: '^b+$' } },
      patternProperties: { '^x': false },
    };
    expect(accepts(schema, { a: 'aa', b: 'bb' })).toBe(true);
    expect(accepts(schema, { a: 'bb' })).toBe(false);
    expect(accepts(schema, { b: 'aa' })).toBe(false);
    expect(accepts(schema, { xa: 1 })).toBe(false);
  });

  it('takes what an object inherits for no field of it', () => {
    expect(accepts({ required: ['constructor'] }, {})).toBe(false);
    expect(accepts({ properties: { toString: { type: 'string' } } }, {})).toBe(true);
  });

  it('names the values that are allowed', () => {
    const validate = compileSchema({ enum: ['a', 'b'] });
    validate('c');
    expect(validate.errors).toEqual([
      expect.objectContaining({ keyword: 'enum', params: { allowedValues: ['a', 'b'] } }),
    ]);
  });

  it('refuses an enum that is empty', () => {
    expect(() => compileSchema({ enum: [] })).toThrow('enum');
  });
});

import { newAjv } from './schema-keywords';

const accepts = (schema: object, value: unknown): boolean => newAjv().compile(schema)(value) === true;

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

  it('names the values that are allowed', () => {
    const validate = newAjv().compile({ enum: ['a', 'b'] });
    validate('c');
    expect(validate.errors).toEqual([
      expect.objectContaining({ keyword: 'enum', params: { allowedValues: ['a', 'b'] } }),
    ]);
  });

  it('refuses an enum that is empty', () => {
    expect(() => newAjv().compile({ enum: [] })).toThrow('enum');
  });
});

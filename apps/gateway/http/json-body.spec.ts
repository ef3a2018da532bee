import { JSON_DEPTH_MAX, parseJsonBody } from './json-body';

const parse = (text: string): unknown => parseJsonBody(Buffer.from(text));
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('parseJsonBody', () => {
  it('gives what JSON.parse gives', () => {
    expect(parse('{"a":[1,"x",null,true]}')).toEqual({ a: [1, 'x', null, true] });
  });

  it('rule 35: takes 64 levels and refuses 65', () => {
    expect(() => parse(nested(JSON_DEPTH_MAX))).not.toThrow();
    expect(() => parse(nested(JSON_DEPTH_MAX + 1))).toThrow(/64 levels/);
  });

  it('does not overflow on a million brackets', () => {
    expect(() => parse('['.repeat(1_000_000))).toThrow(/64 levels/);
  });

  it('counts no brackets inside strings', () => {
    expect(parse(JSON.stringify({ text: `${'['.repeat(500)}\\"{` }))).toEqual({ text: `${'['.repeat(500)}\\"{` });
  });

  it.each(['{"__proto__":{"admin":true}}', '{"a":{"constructor":{}}}', '[{"prototype":1}]', '{"__proto__":1}'])(
    'rule 23: refuses %s',
    (text) => {
      expect(() => parse(text)).toThrow(/not allowed/);
    },
  );

  it('names what is wrong with a body that is not JSON', () => {
    expect(() => parse('{"a":}')).toThrow(/not JSON/);
    expect(() => parse('')).toThrow(/not JSON/);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseJsonBody(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(/UTF-8/);
  });

  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":{"b":[{"c":1,"d":2,"c":3}]}}', 'c'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"":1,"":2}', ''],
  ])('refuses the key that stands twice in %s', (text, key) => {
    expect(() => parse(text)).toThrow(`The key "${key}" stands twice`);
  });

  it('takes the same key in two objects, and as a text', () => {
    expect(parse('[{"a":"a"},{"a":["a","a"]},{"b":{"a":1},"a":2}]')).toEqual([
      { a: 'a' },
      { a: ['a', 'a'] },
      { b: { a: 1 }, a: 2 },
    ]);
  });

  it('rule 23: sees through an escaped prototype key', () => {
    expect(() => parse('{"\\u005f_proto__":1}')).toThrow(/not allowed/);
    expect(() => parse('{"con\\u0073tructor":1}')).toThrow(/not allowed/);
  });

  it.each(['"\\u0000"', '{"a":["\\ud800"]}', '{"\\uDFFF":1}', '"a\\u0000b"'])(
    'refuses %s, which no text column keeps',
    (text) => {
      expect(() => parse(text)).toThrow(/U\+0000/);
    },
  );

  it('takes surrogate pairs', () => {
    expect(parse('"\\ud83d\\ude00"')).toBe('\u{1F600}');
  });

  it('refuses a byte order mark, as RFC 8259 has it for senders', () => {
    expect(() => parse('\ufeff{}')).toThrow(/not JSON/);
  });
});

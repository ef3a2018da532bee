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
});

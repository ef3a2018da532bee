import { decode, encode } from './codec';

describe('codec', () => {
  it('keeps every kind of value that contracts carry', () => {
    const value = {
      ints: new BigInt64Array([1n, -(2n ** 63n), 2n ** 63n - 1n]),
      doubles: new Float64Array([1.5, -0, Number.MAX_VALUE]),
      bytes: new Uint8Array([0, 255]),
      text: 'ümlaut 🌋',
      nested: [{ deep: { list: [1, null, true] } }],
      at: new Date(0),
    };
    expect(decode(encode(value))).toEqual(value);
  });

  it('gives the bytes of a Buffer back', () => {
    const { body } = decode(encode({ body: Buffer.from('abc') })) as { body: Uint8Array };
    expect(Buffer.from(body).toString()).toBe('abc');
  });
});

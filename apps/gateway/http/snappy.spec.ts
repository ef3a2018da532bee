import * as fc from 'fast-check';
import { compress } from 'snappyjs';
import { SnappyError, SnappyTooLarge, unsnappy } from './snappy';

describe('the coding snappy', () => {
  it('gives back what was packed', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('abcabcabc', '\0'.repeat(200)))), (parts) => {
        const bytes = Buffer.from(parts.join('')).subarray(0, 5_000);
        expect(unsnappy(compress(bytes), 5_000).equals(bytes)).toBe(true);
      }),
    );
  });

  it('inflates nothing that says it is larger than what is taken', () => {
    expect(() => unsnappy(compress(Buffer.alloc(2_000)), 1_999)).toThrow(SnappyTooLarge);
    expect(() => unsnappy(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]), 2 ** 20)).toThrow(SnappyTooLarge);
  });

  it.each([
    ['a copy from before the beginning', [4, 0x01, 0x05]],
    ['a copy from nowhere', [6, 0x04, 0x61, 0x62, 0x01, 0x00]],
    ['a literal beyond the end', [4, 0x0c, 0x61]],
    ['more than it says', [1, 0x04, 0x61, 0x62]],
    ['less than it says', [4, 0x00, 0x61]],
    ['no length', []],
    ['a length without end', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
  ])('refuses a block with %s', (_, bytes) => {
    expect(() => unsnappy(Buffer.from(bytes), 1_000)).toThrow(SnappyError);
  });

  it('gives content or a refusal for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          unsnappy(Buffer.from(bytes), 1_000);
        } catch (thrown) {
          expect([SnappyError, SnappyTooLarge]).toContain((thrown as object).constructor);
        }
      }),
      { numRuns: 20_000 },
    );
  });
});

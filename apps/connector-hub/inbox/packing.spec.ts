import { randomBytes } from 'node:crypto';
import { pack, unpack } from './packing';

const KIB = 1024;

describe('packing', () => {
  it.each([0, 1, 511, 512, 64 * KIB, 192 * KIB, 192 * KIB + 1, 2 * 1024 * KIB])('gives %i bytes back', async (size) => {
    const lines = Buffer.alloc(size, '{"id":"event-1","value":1}\n');
    const packed = await pack(lines);
    expect(packed.encoding).toBe(size < 512 ? 'identity' : 'deflate-raw');
    expect(packed.bytes.byteLength).toBeLessThanOrEqual(size);
    expect(Buffer.from(await unpack(packed, size)).equals(lines)).toBe(true);
  });

  it('leaves what does not shrink as it is', async () => {
    const noise = randomBytes(4 * KIB);
    expect(await pack(noise)).toEqual({ encoding: 'identity', bytes: noise });
  });

  it('inflates no more than the size that was accepted', async () => {
    const packed = await pack(Buffer.alloc(64 * KIB));
    await expect(unpack(packed, KIB)).rejects.toThrow();
  });
});

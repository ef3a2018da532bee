import { randomBytes } from 'node:crypto';
import { aadOf, open, seal } from './envelope';

const key = randomBytes(32);
const place = { project: 'a', name: 'token', version: 1 };

describe('rule 28: the envelope of a secret', () => {
  it('opens with its key at its place', () => {
    expect(open(key, seal(key, Buffer.from('s3cret'), aadOf(place)), aadOf(place)).toString()).toBe('s3cret');
  });

  it('never seals twice alike', () => {
    const sealed = (): string => seal(key, Buffer.from('s3cret'), aadOf(place)).toString('hex');
    expect(sealed()).not.toBe(sealed());
  });

  it('does not open with another key, at another place, or with any bit of it turned', () => {
    const sealed = seal(key, Buffer.from('s3cret'), aadOf(place));
    expect(() => open(randomBytes(32), sealed, aadOf(place))).toThrow();
    for (const other of [{ project: 'b' }, { name: 'other' }, { version: 2 }]) {
      expect(() => open(key, sealed, aadOf({ ...place, ...other }))).toThrow();
    }
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const turned = Buffer.from(sealed);
      turned[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => open(key, turned, aadOf(place))).toThrow();
    }
    expect(() => open(key, sealed.subarray(0, 20), aadOf(place))).toThrow();
  });

  it('tells places apart whose names run together', () => {
    expect(aadOf({ project: 'a', name: 'b', version: 1 })).not.toEqual(aadOf({ project: 'ab', name: '', version: 1 }));
  });
});

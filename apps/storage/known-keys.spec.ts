import { KnownKeys } from './known-keys';

const hashOf = (key: number): number => Math.imul(key, 0x9e3779b1) | 0;

describe('KnownKeys', () => {
  it('never calls a known key new, however many there are, and seldom a new one known', () => {
    const keys = new KnownKeys();
    const count = 300_000;
    let mistaken = 0;
    for (let key = 0; key < count; key += 1) if (!keys.add(key, hashOf(key))) mistaken += 1;
    expect(mistaken / count).toBeLessThan(0.01);
    for (let key = 0; key < count; key += 1) {
      if (keys.add(0, hashOf(key))) throw new Error(`key ${key} was forgotten`);
    }
  });
});

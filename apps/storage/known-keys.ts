import { IdentityMemory } from './identity-memory';

/** Keys of the first filter; each further one takes twice as many. */
const FIRST_KEYS = 2 ** 16;
/** With four probes one new key of 400 is called known. */
const BITS_PER_KEY = 16;
const PROBES = 4;
/** From here on every key is called known: the memory has its bound. 2 bytes a key. */
const KEYS_MAX = 2 ** 25;

/**
 * Remembers which keys a dataset holds, at whatever time, in Bloom filters that grow (P. S. Almeida et al., "Scalable
 * Bloom Filters", 2007; probes by double hashing, A. Kirsch and M. Mitzenmacher, 2006).
 */
export class KnownKeys implements IdentityMemory {
  private readonly filters: Filter[] = [new Filter(FIRST_KEYS)];
  private count = 0;

  add(_time: number, hash: number): boolean {
    if (this.count >= KEYS_MAX) return false;
    const one = spread(hash);
    const other = spread(one ^ 0x9e3779b9) | 1;
    if (this.filters.some((filter) => filter.has(one, other))) return false;
    let newest = this.filters.at(-1)!; // there is always one
    if (newest.isFull) this.filters.push((newest = new Filter(newest.keys * 2)));
    newest.add(one, other);
    this.count += 1;
    return true;
  }
}

class Filter {
  private readonly bits: Uint32Array;
  private taken = 0;

  constructor(readonly keys: number) {
    this.bits = new Uint32Array((keys * BITS_PER_KEY) / 32);
  }

  get isFull(): boolean {
    return this.taken >= this.keys;
  }

  has(one: number, other: number): boolean {
    const { bits } = this;
    for (let probe = 0, at = one; probe < PROBES; probe += 1, at = (at + other) | 0) {
      if ((bits[(at >>> 5) & (bits.length - 1)]! & (1 << (at & 31))) === 0) return false;
    }
    return true;
  }

  add(one: number, other: number): void {
    const { bits } = this;
    for (let probe = 0, at = one; probe < PROBES; probe += 1, at = (at + other) | 0) {
      bits[(at >>> 5) & (bits.length - 1)]! |= 1 << (at & 31);
    }
    this.taken += 1;
  }
}

/** The finalizer of MurmurHash3 (A. Appleby, public domain): each bit of the hash moves every other. */
function spread(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

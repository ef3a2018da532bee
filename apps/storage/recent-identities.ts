import { Column } from '#libs/contracts/columns';
import { IdentityMemory } from './identity-memory';
import type { CheckedRows } from './row-check';

/** The fewest and the most slots of a filter; at most half of them are taken. 12 bytes a slot. */
const SLOTS_MIN = 2 ** 14;
const SLOTS_MAX = 2 ** 20;
/** From how many times the median is estimated when the filter forgets. */
const SAMPLE = 1_024;

/**
 * Remembers which (time, key) pairs a dataset holds from `floor` on, by time and a 32-bit hash of the key. It may call a
 * new pair known (two keys with one hash), and never a known pair new: so who is told "new" needs not ask the engine.
 * When it is full it forgets the older half and raises `floor`.
 */
export class RecentIdentities implements IdentityMemory {
  private times = emptySlots(SLOTS_MIN);
  private hashes = new Int32Array(SLOTS_MIN);
  private taken = 0;

  /**
   * @param floor Every stored pair whose time is `floor` or later will be added before the first question.
   */
  constructor(private floor: number) {}

  /** Takes the pair in. True when it was surely not there before. */
  add(time: number, hash: number): boolean {
    if (!(time >= this.floor)) return false;
    if (this.taken * 2 >= this.times.length) {
      this.makeRoom();
      if (!(time >= this.floor)) return false;
    }
    return this.insert(time, hash);
  }

  private insert(time: number, hash: number): boolean {
    const { times, hashes } = this;
    const mask = times.length - 1;
    let slot = slotOf(time, hash) & mask;
    for (;;) {
      const there = times[slot]!;
      if (there !== there) break; // NaN: empty
      if (there === time && hashes[slot] === hash) return false;
      slot = (slot + 1) & mask;
    }
    times[slot] = time;
    hashes[slot] = hash;
    this.taken += 1;
    return true;
  }

  private makeRoom(): void {
    const { times, hashes } = this;
    if (times.length < SLOTS_MAX) return this.refill(times.length * 2, times, hashes);
    this.floor = medianOf(times);
    this.refill(SLOTS_MAX, times, hashes);
    // Equal times cannot be parted at the median: then all of them are forgotten.
    if (this.taken * 2 >= SLOTS_MAX) {
      this.floor = nextAfterAll(this.times);
      this.refill(SLOTS_MIN, emptySlots(0), hashes);
    }
  }

  private refill(slots: number, times: Float64Array, hashes: Int32Array): void {
    this.times = emptySlots(slots);
    this.hashes = new Int32Array(slots);
    this.taken = 0;
    for (let slot = 0; slot < times.length; slot += 1) {
      const time = times[slot]!;
      if (time >= this.floor) this.insert(time, hashes[slot]!);
    }
  }
}

/**
 * Times as numbers for {@link RecentIdentities}: exact until the year 2255, and beyond it equal times stay equal.
 * Unit: microseconds since 1970.
 */
export function timesAsNumbers(times: BigInt64Array): Float64Array {
  const halves = new Int32Array(times.buffer, times.byteOffset, times.length * 2);
  const numbers = new Float64Array(times.length);
  for (let row = 0; row < numbers.length; row += 1) {
    numbers[row] = halves[row * 2 + 1]! * 2 ** 32 + (halves[row * 2]! >>> 0);
  }
  return numbers;
}

/** One hash a row over the key's columns; equal keys have equal hashes. */
export function keyHashes(rows: CheckedRows, key: readonly number[]): Int32Array {
  const hashes = new Int32Array(rows.length);
  for (const at of key) {
    const column = rows.columns[at];
    if (column) mixIn(hashes, column);
  }
  return hashes;
}

function mixIn(hashes: Int32Array, column: Column): void {
  switch (column.type) {
    case 'string':
    case 'json':
      for (let row = 0; row < hashes.length; row += 1) hashes[row] = mixText(hashes[row]!, column.values[row]!);
      return;
    case 'bool':
      for (let row = 0; row < hashes.length; row += 1) hashes[row] = mix(hashes[row]!, column.values[row]!);
      return;
    case 'int':
    case 'timestamp':
      return mixWords(hashes, column.values);
    case 'double':
      return mixWords(
        hashes,
        column.values.map((value) => value + 0),
      ); // -0 becomes 0, as they are equal
  }
}

function mixWords(hashes: Int32Array, values: BigInt64Array | Float64Array): void {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  for (let row = 0; row < hashes.length; row += 1) {
    hashes[row] = mix(mix(hashes[row]!, halves[row * 2]!), halves[row * 2 + 1]!);
  }
}

/** One round of MurmurHash3 (A. Appleby, public domain). */
function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function mixText(hash: number, text: string): number {
  let h = hash ^ text.length;
  for (let at = 0; at < text.length; at += 1) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193); // FNV-1a
  return mix(hash, h);
}

function slotOf(time: number, hash: number): number {
  const low = time | 0;
  const h = Math.imul(low ^ hash ^ Math.floor(time / 2 ** 32), 0x9e3779b1);
  return h ^ (h >>> 15);
}

function medianOf(times: Float64Array): number {
  const sample: number[] = [];
  const step = Math.max(1, Math.floor(times.length / SAMPLE / 2));
  for (let slot = 0; slot < times.length; slot += step) {
    const time = times[slot]!;
    if (time === time) sample.push(time);
  }
  sample.sort((one, other) => one - other);
  return sample[Math.floor(sample.length / 2)] ?? Number.POSITIVE_INFINITY;
}

function nextAfterAll(times: Float64Array): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (const time of times) if (time > latest) latest = time;
  return justAfter(latest);
}

/** A number above `time` that no other time between them has. Unit: microseconds. */
export const justAfter = (time: number): number => time + Math.max(1, Math.abs(time) * 2 ** -51);

const emptySlots = (slots: number): Float64Array => new Float64Array(slots).fill(Number.NaN);

import { Column } from '#libs/contracts/columns';
import { IdentityMemory } from './identity-memory';
import type { CheckedRows } from './row-check';

/** The fewest and the most slots of a filter; at most half of them are taken. A slot has two numbers: time and hash. */
const SLOTS_MIN = 2 ** 14;
const SLOTS_MAX = 2 ** 20;
const GROWTH = 4;
/** From how many times the median is estimated when the filter forgets. */
const SAMPLE = 1_024;

/**
 * Remembers which (time, key) pairs a dataset holds from `floor` on, by time and a 32-bit hash of the key. It may call a
 * new pair known (two keys with one hash), and never a known pair new: so who is told "new" needs not ask the engine.
 * When it is full it forgets the older half and raises `floor`.
 */
export class RecentIdentities implements IdentityMemory {
  private entries = emptySlots(SLOTS_MIN);
  private taken = 0;

  /**
   * @param floor Every stored pair whose time is `floor` or later will be added before the first question.
   */
  constructor(private floor: number) {}

  /** Takes the pair in. True when it was surely not there before. */
  add(time: number, hash: number): boolean {
    if (!(time >= this.floor)) return false;
    if (this.taken * 4 >= this.entries.length) {
      this.makeRoom();
      if (!(time >= this.floor)) return false;
    }
    return this.insert(time, hash);
  }

  private insert(time: number, hash: number): boolean {
    const { entries } = this;
    const mask = entries.length - 1;
    let at = (slotOf(time, hash) << 1) & mask;
    for (;;) {
      const there = entries[at]!;
      if (there !== there) break; // NaN: empty
      if (there === time && entries[at + 1] === hash) return false;
      at = (at + 2) & mask;
    }
    entries[at] = time;
    entries[at + 1] = hash;
    this.taken += 1;
    return true;
  }

  private makeRoom(): void {
    const { entries } = this;
    const slots = entries.length / 2;
    if (slots < SLOTS_MAX) return this.refill(Math.min(slots * GROWTH, SLOTS_MAX), entries);
    this.floor = medianOf(entries);
    this.refill(SLOTS_MAX, entries);
    // Equal times cannot be parted at the median: then all of them are forgotten.
    if (this.taken * 2 >= SLOTS_MAX) {
      this.floor = nextAfterAll(this.entries);
      this.refill(SLOTS_MIN, emptySlots(0));
    }
  }

  private refill(slots: number, entries: Float64Array): void {
    this.entries = emptySlots(slots);
    this.taken = 0;
    for (let at = 0; at < entries.length; at += 2) {
      const time = entries[at]!;
      if (time >= this.floor) this.insert(time, entries[at + 1]!);
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

/** A hash of one text. */
export const textHash = (text: string): number => mixText(0, text);

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

function medianOf(entries: Float64Array): number {
  const sample: number[] = [];
  const step = 2 * Math.max(1, Math.floor(entries.length / SAMPLE / 4));
  for (let at = 0; at < entries.length; at += step) {
    const time = entries[at]!;
    if (time === time) sample.push(time);
  }
  sample.sort((one, other) => one - other);
  return sample[Math.floor(sample.length / 2)] ?? Number.POSITIVE_INFINITY;
}

function nextAfterAll(entries: Float64Array): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < entries.length; at += 2) if (entries[at]! > latest) latest = entries[at]!;
  return justAfter(latest);
}

/** A number above `time` that no other time between them has. Unit: microseconds. */
export const justAfter = (time: number): number => time + Math.max(1, Math.abs(time) * 2 ** -51);

const emptySlots = (slots: number): Float64Array => new Float64Array(slots * 2).fill(Number.NaN);

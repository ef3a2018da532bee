import { randomBytes } from 'node:crypto';

/** A call of the system costs as much as a hundred salts. */
const DRAWN_BYTES = 16 * 1024;

/** Random bytes, drawn from the system many at a time; none is given twice. */
export class RandomPool {
  private drawn = Buffer.alloc(0);

  take(bytes: number): Buffer {
    if (this.drawn.byteLength < bytes) this.drawn = randomBytes(Math.max(DRAWN_BYTES, bytes));
    const taken = this.drawn.subarray(0, bytes);
    this.drawn = this.drawn.subarray(bytes);
    return taken;
  }
}

import { BadRequest } from '#libs/errors/errors';

const KIB = 1024;
const MIB = 1024 * KIB;

/** The largest record, in bytes. */
export const RECORD_MAX_BYTES = MIB;
/** The most records in one body. */
export const RECORDS_MAX = 250_000;
/** Objects and lists inside one another that a record may have (rule 35). */
export const DEPTH_MAX = 64;
/** The largest body, in bytes; whoever reads bodies from the network caps them lower. */
export const BODY_MAX_BYTES = 64 * MIB;

/** Where the records of a body lie: record `i` is `body.subarray(starts[i], ends[i])`. */
export interface Frames {
  readonly count: number;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** The refusal of a body, whole: `events.malformed`. */
export const malformed = (message: string): BadRequest => new BadRequest('events.malformed', message);

export const tooManyRecords = (): BadRequest =>
  malformed(`The body has more than ${RECORDS_MAX} records. Send it in several requests.`);

const FRAMES_GUESS = 1_024;

/** Collects frames in place, growing as it must. */
export class FrameList {
  private starts = new Uint32Array(FRAMES_GUESS);
  private ends = new Uint32Array(FRAMES_GUESS);
  private length = 0;

  get count(): number {
    return this.length;
  }

  push(start: number, end: number): void {
    if (this.length === this.starts.length) this.grow();
    this.starts[this.length] = start;
    this.ends[this.length] = end;
    this.length += 1;
  }

  done(): Frames {
    return {
      count: this.length,
      starts: this.starts.subarray(0, this.length),
      ends: this.ends.subarray(0, this.length),
    };
  }

  private grow(): void {
    if (this.length >= RECORDS_MAX) throw tooManyRecords();
    const size = Math.min(this.length * 2, RECORDS_MAX);
    const starts = new Uint32Array(size);
    const ends = new Uint32Array(size);
    starts.set(this.starts);
    ends.set(this.ends);
    this.starts = starts;
    this.ends = ends;
  }
}

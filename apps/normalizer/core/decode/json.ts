import { isAscii, isUtf8 } from 'node:buffer';
import type { Frames } from '#libs/framing/frames';
import { Failure } from '../failure';
import { DecodedRecords } from './records';

/** Records that are JSON texts. A name that comes twice in an object counts as JSON.parse counts it: the last one. */
export class JsonRecords implements DecodedRecords {
  readonly count: number;
  /** The whole payload as text when it is ASCII: then places in bytes and in characters are the same. */
  private readonly ascii: string | undefined;
  private readonly valid: boolean;

  constructor(
    private readonly bytes: Buffer,
    private readonly frames: Frames,
  ) {
    this.count = frames.count;
    this.ascii = isAscii(bytes) ? bytes.toString('latin1') : undefined;
    this.valid = this.ascii !== undefined || isUtf8(bytes);
  }

  at(index: number): unknown {
    const start = this.frames.starts[index] ?? 0;
    const end = this.frames.ends[index] ?? 0;
    if (!this.valid && !isUtf8(this.bytes.subarray(start, end))) return new Failure('is not valid UTF-8');
    const text = this.ascii === undefined ? this.bytes.toString('utf8', start, end) : this.ascii.substring(start, end);
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      return new Failure(`is not JSON: ${placeOf(error)}`);
    }
  }

  bytesOf(index: number): Uint8Array {
    return this.bytes.subarray(this.frames.starts[index], this.frames.ends[index]);
  }
}

/** Where the text stops being JSON; the engine's own sentence quotes it. */
function placeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const place = /position (\d+)/.exec(message)?.[1];
  if (place !== undefined) return `unexpected text at character ${place}`;
  return message.includes('end of JSON') ? 'it ends too soon' : 'unexpected text';
}

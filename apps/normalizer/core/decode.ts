import { isAscii, isUtf8 } from 'node:buffer';
import type { RecordFormat } from '#libs/contracts/connector-hub.contract';
import { asBuffer, frame } from '#libs/framing/framing';
import { Failure } from './failure';

/** The records of a payload, read one at a time. */
export interface DecodedRecords {
  readonly count: number;
  /** The record's value, or why it has none. Never throws. */
  at(index: number): unknown;
  /** Its bytes as they came; a view. */
  bytesOf(index: number): Uint8Array;
}

/** Frames a payload as its acceptance did and reads each record as JSON. Throws what `frame` throws. */
export function decode(payload: Uint8Array, format: RecordFormat): DecodedRecords {
  const { count, starts, ends } = frame(payload, format);
  return new JsonRecords(asBuffer(payload), count, starts, ends);
}

class JsonRecords implements DecodedRecords {
  /** The whole payload as text when it is ASCII: then places in bytes and in characters are the same. */
  private readonly ascii: string | undefined;
  private readonly valid: boolean;

  constructor(
    private readonly bytes: Buffer,
    readonly count: number,
    private readonly starts: ArrayLike<number>,
    private readonly ends: ArrayLike<number>,
  ) {
    this.ascii = isAscii(bytes) ? bytes.toString('latin1') : undefined;
    this.valid = this.ascii !== undefined || isUtf8(bytes);
  }

  at(index: number): unknown {
    const start = this.starts[index] ?? 0;
    const end = this.ends[index] ?? 0;
    if (!this.valid && !isUtf8(this.bytes.subarray(start, end))) return new Failure('is not valid UTF-8');
    const text = this.ascii === undefined ? this.bytes.toString('utf8', start, end) : this.ascii.substring(start, end);
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      return new Failure(`is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'}`);
    }
  }

  bytesOf(index: number): Uint8Array {
    return this.bytes.subarray(this.starts[index], this.ends[index]);
  }
}

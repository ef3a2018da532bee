import { ChartlyError } from '#libs/errors/errors';
import type { Frames } from '#libs/framing/frames';
import { XmlUnreadable, xmlValue } from '#libs/framing/xml-value';
import { Failure } from '../failure';
import { DecodedRecords } from './records';

/** The elements of a document, each as `xmlValue` reads it. */
export class XmlRecords implements DecodedRecords {
  readonly count: number;

  constructor(
    private readonly bytes: Buffer,
    private readonly frames: Frames,
  ) {
    this.count = frames.count;
  }

  at(index: number): unknown {
    try {
      return xmlValue(this.bytesOf(index));
    } catch (thrown) {
      if (thrown instanceof XmlUnreadable) return new Failure(thrown.message);
      if (thrown instanceof ChartlyError) return new Failure(`is not XML: ${thrown.message}`);
      throw thrown;
    }
  }

  bytesOf(index: number): Buffer {
    return this.bytes.subarray(this.frames.starts[index], this.frames.ends[index]);
  }
}

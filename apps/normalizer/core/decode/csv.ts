import { CsvFrames, csvFields } from '#libs/framing/csv';
import { Failure } from '../failure';
import { DecodedRecords } from './records';

/** Rows of CSV as objects: column -> text. An empty field is an empty text; CSV knows no null. */
export class CsvRecords implements DecodedRecords {
  readonly count: number;
  readonly columns: readonly string[];

  constructor(
    private readonly bytes: Buffer,
    private readonly frames: CsvFrames,
  ) {
    this.count = frames.rows.count;
    this.columns = frames.columns;
  }

  at(index: number): unknown {
    const { columns } = this;
    const fields = csvFields(this.bytesOf(index));
    if (!Array.isArray(fields)) return new Failure(fields.reason);
    if (fields.length !== columns.length) {
      return new Failure(`has ${fields.length} fields, and the header row names ${columns.length} columns`);
    }
    const record: Record<string, string> = {};
    for (let at = 0; at < columns.length; at += 1) record[columns[at]!] = fields[at]!; // as many of each
    return record;
  }

  bytesOf(index: number): Buffer {
    const { starts, ends } = this.frames.rows;
    return this.bytes.subarray(starts[index], ends[index]);
  }
}

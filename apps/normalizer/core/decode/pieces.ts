import type { RecordFormat } from '#libs/contracts/record-format';
import type { Frames } from '#libs/framing/frames';
import { CloudEventRecords } from './cloudevents';
import { CsvRecords } from './csv';
import { JsonRecords } from './json';
import { DecodedRecords } from './records';
import { XmlRecords } from './xml';

/** Where records lie that were taken out of their batch and put one behind the other. */
export interface Pieces {
  /** Where each ends; it begins where the one before ends. */
  readonly ends: Uint32Array;
  /** The place of each in the batch that it came in. */
  readonly indexes: Uint32Array;
  /** The names in the header row, where the batch was CSV. */
  readonly columns?: readonly string[];
}

/** Reads records that stand alone as they are read in their batch. */
export function decodePieces(bytes: Buffer, format: RecordFormat, { ends, columns = [] }: Pieces): DecodedRecords {
  const starts = ends.map((_, at) => (at === 0 ? 0 : (ends[at - 1] ?? 0)));
  const frames: Frames = { count: ends.length, starts, ends };
  switch (format) {
    case 'json':
    case 'ndjson':
      return new JsonRecords(bytes, frames);
    case 'cloudevents':
      return new CloudEventRecords(new JsonRecords(bytes, frames));
    case 'csv':
      return new CsvRecords(bytes, { columns, header: { start: 0, end: 0 }, rows: frames });
    case 'xml':
      return new XmlRecords(bytes, frames);
  }
}

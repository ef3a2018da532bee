import type { RecordFormat } from '#libs/contracts/record-format';
import { frameCsv } from '#libs/framing/csv';
import { asBuffer, frame } from '#libs/framing/framing';
import { startOfText } from '#libs/framing/text';
import { CloudEventRecords } from './decode/cloudevents';
import { CsvRecords } from './decode/csv';
import { JsonRecords } from './decode/json';
import { decodePieces, Pieces } from './decode/pieces';
import { DecodedRecords } from './decode/records';
import { XmlRecords } from './decode/xml';

/** Frames a payload as its acceptance did and reads each record. Throws what `frame` throws. */
export function decode(payload: Uint8Array, format: RecordFormat): DecodedRecords {
  const bytes = asBuffer(payload);
  if (format === 'csv') return new CsvRecords(bytes, frameCsv(bytes, startOfText(bytes)));
  const frames = frame(bytes, format);
  switch (format) {
    case 'json':
    case 'ndjson':
      return new JsonRecords(bytes, frames);
    case 'cloudevents':
      return new CloudEventRecords(new JsonRecords(bytes, frames));
    case 'xml':
      return new XmlRecords(bytes, frames);
  }
}

/** Bytes to be read: the payload of a batch, or records that were taken out of one. */
export interface Readable {
  readonly payload: Uint8Array;
  readonly format: RecordFormat;
  readonly pieces?: Pieces;
}

export const decodeReadable = ({ payload, format, pieces }: Readable): DecodedRecords =>
  pieces ? decodePieces(asBuffer(payload), format, pieces) : decode(payload, format);

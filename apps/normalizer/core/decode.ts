import type { RecordFormat } from '#libs/contracts/record-format';
import { frameCsv } from '#libs/framing/csv';
import { asBuffer, frame } from '#libs/framing/framing';
import { startOfText } from '#libs/framing/text';
import { CloudEventRecords } from './decode/cloudevents';
import { CsvRecords } from './decode/csv';
import { JsonRecords } from './decode/json';
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

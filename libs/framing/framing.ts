import type { RecordFormat } from '#libs/contracts/record-format';
import { frameCsv } from './csv';
import { BODY_MAX_BYTES, Frames, malformed } from './frames';
import { frameJson } from './json';
import { frameLines } from './ndjson';
import { startOfText } from './text';
import { frameXml } from './xml';

/**
 * Finds the records of a body without parsing them. Acceptance counts by it and decoding reads by it, so the two agree
 * on what a record is. A record that is no valid JSON is found all the same where the structure allows: it is for the
 * decoder to quarantine.
 *
 * Throws BadRequest `events.malformed` naming the line (ndjson, csv, xml) or the record and byte (json, cloudevents),
 * for: no records, text that is not UTF-8, records over 1 MiB or nested deeper than 64, more than 250,000 records, a body
 * over 64 MiB; in json for a structure that does not close, an element that is missing, and text behind the end; in csv
 * for a header that names no columns or one twice, and quotes that do not close; in xml for a DOCTYPE (rule 26) and for
 * tags that do not match.
 */
export function frame(body: Uint8Array, format: RecordFormat): Frames {
  const bytes = asBuffer(body);
  if (bytes.length === 0) throw malformed('The body is empty.');
  if (bytes.length > BODY_MAX_BYTES) {
    throw malformed(`The body has ${bytes.length} bytes; ${BODY_MAX_BYTES} are taken at once.`);
  }
  const from = startOfText(bytes);
  switch (format) {
    case 'json':
      return frameJson(bytes, from);
    case 'ndjson':
      return frameLines(bytes, from);
    case 'csv':
      return frameCsv(bytes, from).rows;
    case 'cloudevents':
      return frameJson(bytes, from, true); // an empty batch is a valid one
    case 'xml':
      return frameXml(bytes, from);
  }
}

/** The same bytes as a Buffer; no copy. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

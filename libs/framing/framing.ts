import type { RecordFormat } from '#libs/contracts/connector-hub.contract';
import { BODY_MAX_BYTES, Frames, malformed } from './frames';
import { frameJson } from './json';
import { frameLines } from './ndjson';

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Finds the records of a body without parsing them. Acceptance counts by it and decoding reads by it, so the two agree
 * on what a record is. A record that is no valid JSON is found all the same where the structure allows: it is for the
 * decoder to quarantine.
 *
 * Throws BadRequest `events.malformed` naming the line (ndjson) or the record and byte (json), for: no records, text
 * that is not UTF-8, records over 1 MiB or nested deeper than 64, more than 250,000 records, a body over 64 MiB; and in
 * json for a structure that does not close, an element that is missing, and text behind the end.
 */
export function frame(body: Uint8Array, format: RecordFormat): Frames {
  const bytes = asBuffer(body);
  if (bytes.length === 0) throw malformed('The body is empty.');
  if (bytes.length > BODY_MAX_BYTES) {
    throw malformed(`The body has ${bytes.length} bytes; ${BODY_MAX_BYTES} are taken at once.`);
  }
  const from = BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte) ? BYTE_ORDER_MARK.length : 0;
  return format === 'ndjson' ? frameLines(bytes, from) : frameJson(bytes, from);
}

/** The same bytes as a Buffer; no copy. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

import { frame } from '#libs/framing/framing';
import { RecordPart } from './source-reader';

/** How large a part becomes, unless one record is larger. */
export const RECORD_PART_MAX_BYTES = 4 * 2 ** 20;

/** Records as JSON, in parts of a few megabytes. Throws BadRequest `events.malformed` for one that is too large or deep. */
export const jsonParts = (records: readonly unknown[]): RecordPart[] =>
  rawJsonParts(records.map((record) => Buffer.from(JSON.stringify(record))));

/** Records that are JSON texts already, in parts of a few megabytes; their bytes stay as they are. */
export function rawJsonParts(records: readonly Buffer[]): RecordPart[] {
  const parts: RecordPart[] = [];
  let pieces: Buffer[] = [];
  let bytes = 0;
  const close = (): void => {
    if (pieces.length === 0) return;
    const payload = Buffer.concat([OPEN, ...pieces.slice(1), CLOSE]);
    parts.push({ format: 'json', payload, count: frame(payload, 'json').count });
    pieces = [];
    bytes = 0;
  };
  for (const record of records) {
    if (bytes + record.length > RECORD_PART_MAX_BYTES) close();
    pieces.push(COMMA, record);
    bytes += record.length;
  }
  close();
  return parts;
}

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');

import { frame } from '#libs/framing/framing';
import { RecordPart } from './source-reader';

const PART_MAX_BYTES = 4 * 2 ** 20;

/** Records as JSON, in parts of a few megabytes. Throws BadRequest `events.malformed` for one that is too large or deep. */
export function jsonParts(records: readonly unknown[]): RecordPart[] {
  const parts: RecordPart[] = [];
  let texts: string[] = [];
  let bytes = 0;
  const close = (): void => {
    if (texts.length === 0) return;
    const payload = Buffer.from(`[${texts.join(',')}]`);
    parts.push({ format: 'json', payload, count: frame(payload, 'json').count });
    texts = [];
    bytes = 0;
  };
  for (const record of records) {
    const text = JSON.stringify(record);
    if (bytes + text.length > PART_MAX_BYTES) close();
    texts.push(text);
    bytes += text.length;
  }
  close();
  return parts;
}

import { frameCsv } from './csv';
import { Frames } from './frames';
import { asBuffer } from './framing';
import { startOfText } from './text';
import { frameXml } from './xml';

/** A part of a larger body that is a body of its own: same format, whole records, their bytes as they came. */
export interface BodyPart {
  readonly payload: Buffer;
  readonly count: number;
}

const LINE_END = Buffer.from('\n');
const XML_HEAD = Buffer.from('<records>');
const XML_TAIL = Buffer.from('</records>');

/**
 * Cuts CSV into parts of about `maxBytes`, each with the header row; none when there is nothing below it. Throws what
 * `frame` throws.
 */
export function cutCsv(body: Uint8Array, maxBytes: number): BodyPart[] {
  const bytes = asBuffer(body);
  const { header, rows } = frameCsv(bytes, startOfText(bytes), true);
  const head = Buffer.concat([bytes.subarray(header.start, header.end), LINE_END]);
  return cut(bytes, rows, maxBytes).map(({ records, count }) => ({
    payload: Buffer.concat([head, ...records.flatMap((record) => [record, LINE_END])]),
    count,
  }));
}

/**
 * Cuts the elements at `path` (such as `/rss/channel/item`; without one, the elements inside the root) out of an XML
 * document into parts of about `maxBytes`, each a document whose records stand inside its root; none when there are no
 * such elements. Throws what `frame` throws.
 */
export function cutXml(body: Uint8Array, path: string | undefined, maxBytes: number): BodyPart[] {
  const bytes = asBuffer(body);
  return cut(bytes, frameXml(bytes, startOfText(bytes), path, true), maxBytes).map(({ records, count }) => ({
    payload: Buffer.concat([XML_HEAD, ...records, XML_TAIL]),
    count,
  }));
}

function cut(
  body: Buffer,
  { starts, ends, count }: Frames,
  maxBytes: number,
): { readonly records: Buffer[]; readonly count: number }[] {
  const parts: { records: Buffer[]; count: number }[] = [];
  let bytes = maxBytes;
  for (let at = 0; at < count; at += 1) {
    const record = body.subarray(starts[at], ends[at]);
    if (bytes + record.length > maxBytes) {
      parts.push({ records: [], count: 0 });
      bytes = 0;
    }
    const part = parts.at(-1)!; // the first record makes the first part
    part.records.push(record);
    part.count += 1;
    bytes += record.length;
  }
  return parts;
}

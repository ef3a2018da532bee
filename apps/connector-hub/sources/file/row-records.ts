import { frame } from '#libs/framing/framing';
import { RECORD_PART_MAX_BYTES } from '../record-parts';
import { RecordPart } from '../source-reader';

/** A row that is an object, with one more member: where it came from. The rest of its text stays as it is. */
export function withPlace(row: string, member: string, place: { readonly file: string; readonly row: number }): string {
  const inside = /^\s*\{\s*/.exec(row);
  if (!inside) return row;
  const rest = row.slice(inside[0].length);
  return `{${JSON.stringify(member)}:${JSON.stringify(place)}${rest.startsWith('}') ? '' : ','}${rest}`;
}

/** Lines as they came, JSON or not, in parts of a few megabytes. */
export function linesPart(lines: readonly Buffer[]): RecordPart[] {
  const parts: RecordPart[] = [];
  let pieces: Buffer[] = [];
  let bytes = 0;
  const close = (): void => {
    if (pieces.length === 0) return;
    const payload = Buffer.concat(pieces);
    parts.push({ format: 'ndjson', payload, count: frame(payload, 'ndjson').count });
    pieces = [];
    bytes = 0;
  };
  for (const line of lines) {
    if (bytes + line.length > RECORD_PART_MAX_BYTES) close();
    pieces.push(line, NEW_LINE);
    bytes += line.length;
  }
  close();
  return parts;
}

const NEW_LINE = Buffer.from('\n');

import { isUtf8 } from 'node:buffer';
import { MessageFormat } from '#libs/documents/sources/messages';
import { Unprocessable } from '#libs/errors/errors';
import { tooDeep } from '#libs/framing/depth';
import { RECORD_MAX_BYTES } from '#libs/framing/frames';

/**
 * A message as a record: the members of `head`, and the payload as `data`, which for json is the very text that came. A
 * payload that is not of its format is no reason to hold up those behind it: it comes as `text`, or as `base64` when it is
 * no UTF-8, with a `problem`, and is for the steps to quarantine. Throws Unprocessable `pull.record_too_large`, naming
 * `where` the message is.
 */
export function messageRecord(head: object, payload: Buffer, format: MessageFormat, where: string): Buffer {
  const opening = Buffer.from(JSON.stringify(head).slice(0, -1));
  const record = Buffer.concat([opening, ...membersOf(payload, format), CLOSE]);
  return withinLimit(record, where);
}

/** The same bytes. Throws Unprocessable `pull.record_too_large`. */
export function withinLimit(record: Buffer, where: string): Buffer {
  if (record.length <= RECORD_MAX_BYTES) return record;
  throw recordTooLarge(String(record.length), where);
}

/** `bytes` is how many a record has, as far as that is known. */
export const recordTooLarge = (bytes: string, where: string): Unprocessable =>
  new Unprocessable(
    'pull.record_too_large',
    `${where} makes a record of ${bytes} bytes; ${RECORD_MAX_BYTES} are taken. Nothing behind it is taken before it is gone from the source.`,
  );

const DATA = Buffer.from(',"data":');
const CLOSE = Buffer.from('}');

function membersOf(payload: Buffer, format: MessageFormat): Buffer[] {
  if (format === 'base64') return [DATA, quoted(payload.toString('base64'))];
  if (!isUtf8(payload)) return problem('not UTF-8', 'base64', payload.toString('base64'));
  if (format === 'text') return [DATA, quoted(payload.toString())];
  const wrong = jsonProblem(payload);
  return wrong === undefined ? [DATA, payload] : problem(wrong, 'text', payload.toString());
}

/** What keeps a text from being a member of a record: the record is one level deeper than its data. */
function jsonProblem(payload: Buffer): string | undefined {
  try {
    JSON.parse(payload.toString());
  } catch {
    return 'not JSON';
  }
  return tooDeep(Buffer.concat([OPENING, payload, CLOSING]), 0, payload.length + 2) ? 'nested too deep' : undefined;
}

const OPENING = Buffer.from('[');
const CLOSING = Buffer.from(']');

const quoted = (text: string): Buffer => Buffer.from(JSON.stringify(text));
const problem = (what: string, member: 'text' | 'base64', value: string): Buffer[] => [
  Buffer.from(`,"problem":${JSON.stringify(what)},"${member}":`),
  quoted(value),
];

import { BadRequest } from '#libs/errors/errors';

/** S3 takes 1,024 bytes, of which a configured prefix has its part. */
const KEY_MAX_BYTES = 800;
/** What a file name may hold on any of our file systems, less what a name of our own adds to it. */
const SEGMENT_MAX_BYTES = 200;
/** Control characters and backslashes mean something else to some engine. */
const UNSAFE = /[\p{Control}\p{Surrogate}\\]/u;

/** Throws BadRequest `object.key_malformed` unless every engine can hold an object under `key`. */
export function assertKey(key: string): void {
  const problem = problemOf(key, false);
  if (problem !== undefined) throw malformed(key, problem);
}

/** As {@link assertKey}, for the beginning of keys: it may be empty, and may end in the middle of a segment. */
export function assertPrefix(prefix: string): void {
  const problem = prefix === '' ? undefined : problemOf(prefix, true);
  if (problem !== undefined) throw malformed(prefix, problem);
}

function problemOf(key: string, openEnded: boolean): string | undefined {
  if (Buffer.byteLength(key) > KEY_MAX_BYTES) return `is longer than ${KEY_MAX_BYTES} bytes`;
  if (UNSAFE.test(key)) return 'holds a control character, a backslash or half a character';
  const segments = key.split('/');
  if (openEnded && segments.at(-1) === '') segments.pop();
  for (const segment of segments) {
    if (segment === '') return 'holds an empty segment';
    if (segment.startsWith('.')) return 'holds a segment that begins with a dot';
    if (Buffer.byteLength(segment) > SEGMENT_MAX_BYTES) return `holds a segment longer than ${SEGMENT_MAX_BYTES} bytes`;
  }
  return undefined;
}

const malformed = (key: string, problem: string): BadRequest =>
  new BadRequest('object.key_malformed', `${JSON.stringify(key.slice(0, 200))} cannot name an object: it ${problem}.`);

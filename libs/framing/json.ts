import { isUtf8 } from 'node:buffer';
import { endOfString } from './depth';
import { DEPTH_MAX, FrameList, Frames, malformed, RECORD_MAX_BYTES, RECORDS_MAX, tooManyRecords } from './frames';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Frames a JSON text: each element of one list, or the one object that it is. Only the structure is read (strings,
 * escapes, brackets, commas); an element that is no JSON inside is a record all the same. `mayBeEmpty`: a list without
 * elements is a body without records, and no error.
 */
export function frameJson(body: Buffer, from: number, mayBeEmpty = false): Frames {
  if (!isUtf8(body)) throw malformed('The body is not valid UTF-8. Nothing was taken.');
  const scan = new Scan(body);
  const start = scan.skipSpace(from);
  if (start === body.length) throw malformed('The body is empty.');
  const first = body[start];
  if (first !== OPEN_LIST && first !== OPEN_OBJECT) {
    throw malformed(`The body is neither a JSON list nor an object: at byte ${start} stands ${scan.shown(start)}.`);
  }
  const frames = new FrameList();
  const end = first === OPEN_LIST ? scan.list(start, frames) : scan.record(start, frames);
  scan.expectEnd(end);
  if (frames.count === 0 && !mayBeEmpty) throw malformed('The body has no records: its list is empty.');
  return frames.done();
}

/**
 * Where the value of a path of member names lies in a JSON text, or undefined when there is none. The text must be
 * valid JSON; a name that comes twice counts as JSON.parse counts it: the last one.
 */
export function findMember(body: Buffer, names: readonly string[]): { start: number; end: number } | undefined {
  const scan = new Scan(body);
  let place = { start: scan.skipSpace(0), end: body.length };
  for (const name of names) {
    const found = body[place.start] === OPEN_OBJECT ? scan.member(place.start, name) : undefined;
    if (!found) return undefined;
    place = found;
  }
  return place;
}

/** Frames the elements of the list that begins at `start`; undefined when no list begins there. */
export function frameList(body: Buffer, start: number): Frames | undefined {
  if (body[start] !== OPEN_LIST) return undefined;
  const frames = new FrameList();
  new Scan(body).list(start, frames);
  return frames.done();
}

/** Where the elements of the list that begins at `start` lie, however large; none when no list begins there. */
export function elementsOf(body: Buffer, start: number): { start: number; end: number }[] {
  const scan = new Scan(body);
  const places: { start: number; end: number }[] = [];
  if (body[start] !== OPEN_LIST) return places;
  for (let at = scan.skipSpace(start + 1); at < body.length && body[at] !== CLOSE_LIST;) {
    const end = scan.value(at, places.length);
    places.push({ start: at, end });
    at = scan.skipSpace(end);
    if (body[at] === COMMA) at = scan.skipSpace(at + 1);
  }
  return places;
}

/** Reads the structure of one JSON text; every method returns the place behind what it read. */
class Scan {
  private readonly closers = new Uint8Array(DEPTH_MAX + 2);

  constructor(private readonly body: Buffer) {}

  skipSpace(at: number): number {
    const { body } = this;
    while (at < body.length && isSpace(body[at]!)) at += 1; // at < length
    return at;
  }

  list(start: number, frames: FrameList): number {
    let at = this.skipSpace(start + 1);
    if (this.body[at] === CLOSE_LIST) return at + 1;
    for (;;) {
      at = this.skipSpace(this.record(at, frames));
      const byte = this.body[at];
      if (byte === CLOSE_LIST) return at + 1;
      if (byte !== COMMA) throw this.unexpected(at, '"," or "]"', frames.count);
      at = this.skipSpace(at + 1);
    }
  }

  record(start: number, frames: FrameList): number {
    const end = this.value(start, frames.count);
    if (end - start > RECORD_MAX_BYTES) {
      throw malformed(
        `Record ${frames.count + 1} (byte ${start}) has ${end - start} bytes; a record may have ${RECORD_MAX_BYTES}. Nothing was taken.`,
      );
    }
    if (frames.count >= RECORDS_MAX) throw tooManyRecords();
    frames.push(start, end);
    return end;
  }

  /** One value: a string, a list or object with all that is inside, or what stands before the next delimiter. */
  value(start: number, index: number): number {
    const { body } = this;
    const first = body[start];
    if (first === QUOTE) return this.string(start, index);
    if (first !== OPEN_LIST && first !== OPEN_OBJECT) return this.scalar(start, index);
    const { closers } = this;
    let depth = 0;
    for (let at = start; at < body.length; at += 1) {
      const byte = body[at]!; // at < length
      if (byte === QUOTE) {
        at = this.string(at, index) - 1;
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        depth += 1;
        if (depth > DEPTH_MAX) {
          throw malformed(
            `Record ${index + 1} (byte ${start}) nests deeper than ${DEPTH_MAX} levels. Nothing was taken.`,
          );
        }
        closers[depth] = byte + 2; // `]` and `}` stand two behind their openers
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        if (closers[depth] !== byte) throw this.unexpected(at, `"${String.fromCharCode(closers[depth]!)}"`, index);
        depth -= 1;
        if (depth === 0) return at + 1;
      }
    }
    throw malformed(`Record ${index + 1} (byte ${start}) is not closed: the body ends inside it. Nothing was taken.`);
  }

  /** The last member called `name` of the object at `start`. */
  member(start: number, name: string): { start: number; end: number } | undefined {
    const { body } = this;
    let found: { start: number; end: number } | undefined;
    let at = this.skipSpace(start + 1);
    while (body[at] === QUOTE) {
      const keyEnd = this.string(at, 0);
      const isIt = JSON.parse(body.toString('utf8', at, keyEnd)) === name;
      at = this.skipSpace(keyEnd);
      if (body[at] !== COLON) throw this.unexpected(at, '":"', 0);
      const valueStart = this.skipSpace(at + 1);
      const end = this.value(valueStart, 0);
      if (isIt) found = { start: valueStart, end };
      at = this.skipSpace(end);
      if (body[at] === COMMA) at = this.skipSpace(at + 1);
    }
    return found;
  }

  expectEnd(at: number): void {
    const rest = this.skipSpace(at);
    if (rest === this.body.length) return;
    const hint = this.body[rest] === OPEN_OBJECT ? ' One record a line is the format ndjson.' : '';
    throw malformed(`Behind the JSON text, at byte ${rest}, stands ${this.shown(rest)}. Nothing was taken.${hint}`);
  }

  shown(at: number): string {
    return at < this.body.length ? JSON.stringify(this.body.toString('utf8', at, at + 1)) : 'the end of the body';
  }

  private string(start: number, index: number): number {
    const { body } = this;
    const end = endOfString(body, start + 1, body.length);
    if (end >= body.length) {
      throw malformed(`Record ${index + 1} has a string, at byte ${start}, that does not end. Nothing was taken.`);
    }
    return end + 1;
  }

  private scalar(start: number, index: number): number {
    const { body } = this;
    let at = start;
    while (at < body.length && !isDelimiter(body[at]!)) at += 1; // at < length
    if (at === start) throw this.unexpected(at, 'a record', index);
    return at;
  }

  private unexpected(at: number, wanted: string, index: number): Error {
    return malformed(
      `Record ${index + 1}: at byte ${at} stands ${this.shown(at)} instead of ${wanted}. Nothing was taken.`,
    );
  }
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const isDelimiter = (byte: number): boolean =>
  byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT || byte === COLON || byte === QUOTE || isSpace(byte);

import { malformed } from './frames';
import { lineAt } from './text';

const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const EQUALS = 0x3d;
const AMPERSAND = 0x26;
const DOUBLE = 0x22;
const SINGLE = 0x27;

/** More elements inside one another than any record may have below any path. */
const OPEN_MAX = 128;

export interface Tag {
  readonly start: number;
  /** 1 for the root. */
  readonly depth: number;
  readonly name: () => string;
  /** Where its attributes lie: begin and end of the name and of the value, four numbers each. Only until the call ends. */
  readonly attributes: readonly number[];
}

export interface XmlEvents {
  open(tag: Tag): void;
  /** Text inside an element: `written` as it stands there with its references, `literal` in a CDATA section. */
  text?(kind: 'written' | 'literal', start: number, end: number): void;
  /** `end` is the place behind the element's last byte. */
  close(depth: number, end: number): void;
}

/**
 * Reads the structure of one XML document and tells each element that opens and closes. Throws BadRequest
 * `events.malformed` with the line, for what is not well-formed in its structure, for an encoding other than UTF-8, and
 * for a DOCTYPE.
 */
export class XmlScan {
  /** Where the names of the open elements lie, two numbers each. */
  private readonly open: number[] = [];
  private readonly attributes: number[] = [];
  private sawRoot = false;

  constructor(
    private readonly body: Buffer,
    private readonly from: number,
  ) {}

  run(events: XmlEvents): void {
    const { body } = this;
    let at = this.from;
    while (at < body.length) {
      const less = body.indexOf(LESS, at);
      const textEnd = less < 0 ? body.length : less;
      if (this.open.length === 0) this.expectSpace(at, textEnd);
      else if (textEnd > at) events.text?.('written', at, textEnd);
      if (less < 0) break;
      at = this.markup(less, events);
    }
    if (this.open.length > 0) throw this.wrong(body.length, `the element <${this.nameAt(0)}> is not closed`);
    if (!this.sawRoot) throw malformed('The body is no XML document: it has no element.');
  }

  private markup(at: number, events: XmlEvents): number {
    const { body } = this;
    switch (body[at + 1]) {
      case QUESTION:
        return this.instruction(at);
      case BANG:
        return this.declaration(at, events);
      case SLASH:
        return this.endTag(at, events);
      default:
        return this.startTag(at, events);
    }
  }

  private instruction(at: number): number {
    const end = this.behind('?>', at + 2, 'a processing instruction');
    const text = this.body.toString('utf8', at, Math.min(end, at + 200));
    const encoding = /^<\?xml\s[^>]*\bencoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1];
    if (encoding !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(encoding)) {
      throw this.wrong(at, `the document says that it is "${encoding}"; send it in UTF-8`);
    }
    return end;
  }

  private declaration(at: number, events: XmlEvents): number {
    const { body } = this;
    if (body.toString('latin1', at, at + 4) === '<!--') return this.behind('-->', at + 4, 'a comment');
    if (this.open.length > 0 && body.toString('latin1', at, at + 9) === '<![CDATA[') {
      const end = this.behind(']]>', at + 9, 'a CDATA section');
      events.text?.('literal', at + 9, end - 3);
      return end;
    }
    throw this.wrong(at, 'a DOCTYPE or another declaration is not taken, since it can declare entities');
  }

  private startTag(at: number, events: XmlEvents): number {
    const { body, open } = this;
    if (open.length === 0 && this.sawRoot) throw this.wrong(at, 'a second root element begins');
    const nameEnd = this.nameEnd(at + 1);
    if (open.length / 2 >= OPEN_MAX) throw this.wrong(at, `elements nest deeper than ${OPEN_MAX} levels`);
    this.sawRoot = true;
    open.push(at + 1, nameEnd);
    const depth = open.length / 2;
    let place = this.readAttributes(nameEnd);
    events.open({
      start: at,
      depth,
      name: () => body.toString('utf8', at + 1, nameEnd),
      attributes: this.attributes,
    });
    if (body[place] === SLASH) {
      place += 1;
      if (body[place] !== GREATER) throw this.wrong(place, 'a tag has "/" and no ">" behind it');
      open.length -= 2;
      events.close(depth, place + 1);
    }
    return place + 1;
  }

  /** The place of the `>` or `/` that ends a start tag. */
  private readAttributes(from: number): number {
    const { body, attributes } = this;
    attributes.length = 0;
    for (let at = from; ;) {
      const next = this.skipSpace(at);
      const byte = body[next];
      if (byte === GREATER || byte === SLASH) return next;
      if (next === at) throw this.wrong(next, 'a tag is not closed, or its attributes are not apart');
      const nameEnd = this.nameEnd(next);
      const equals = this.skipSpace(nameEnd);
      if (body[equals] !== EQUALS) throw this.wrong(equals, 'an attribute has no value');
      const open = this.skipSpace(equals + 1);
      const quote = body[open];
      if (quote !== DOUBLE && quote !== SINGLE) throw this.wrong(open, 'the value of an attribute is not quoted');
      const close = body.indexOf(quote, open + 1);
      if (close < 0) throw this.wrong(open, 'the value of an attribute does not end');
      const less = body.subarray(open, close).indexOf(LESS);
      if (less >= 0) throw this.wrong(open + less, 'the value of an attribute holds "<"');
      attributes.push(next, nameEnd, open + 1, close);
      at = close + 1;
    }
  }

  private endTag(at: number, events: XmlEvents): number {
    const { body, open } = this;
    const nameEnd = this.nameEnd(at + 2);
    const depth = open.length / 2;
    const [start = 0, end = 0] = open.slice(-2);
    if (depth === 0 || body.compare(body, start, end, at + 2, nameEnd) !== 0) {
      const expected = depth === 0 ? 'nothing is open' : `<${this.nameAt(depth - 1)}> is open`;
      throw this.wrong(at, `</${body.toString('utf8', at + 2, nameEnd).slice(0, 100)}> closes, where ${expected}`);
    }
    const place = this.skipSpace(nameEnd);
    if (body[place] !== GREATER) throw this.wrong(place, 'a closing tag does not end');
    open.length -= 2;
    events.close(depth, place + 1);
    return place + 1;
  }

  private nameEnd(from: number): number {
    const { body } = this;
    let at = from;
    while (at < body.length && isNameByte(body[at]!)) at += 1; // at < length
    const first = body[from] ?? 0;
    const startsWrong = first === 0x2d || first === 0x2e || (first >= 0x30 && first <= 0x39);
    if (at === from || startsWrong) throw this.wrong(from, 'a name is missing, or "<" is not written as &lt;');
    return at;
  }

  private nameAt(depth: number): string {
    const [start, end] = this.open.slice(depth * 2, depth * 2 + 2);
    return this.body.toString('utf8', start, end).slice(0, 100);
  }

  private skipSpace(from: number): number {
    let at = from;
    while (isSpace(this.body[at])) at += 1;
    return at;
  }

  private expectSpace(from: number, to: number): void {
    const at = this.skipSpace(from);
    if (at < to) throw this.wrong(at, 'text stands outside the root element');
  }

  private behind(mark: string, from: number, what: string): number {
    const found = this.body.indexOf(mark, from, 'latin1');
    if (found < 0) throw this.wrong(from, `${what} does not end`);
    return found + mark.length;
  }

  private wrong(at: number, what: string): Error {
    return malformed(`Line ${lineAt(this.body, at)}: ${what}. Nothing was taken.`);
  }
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const isNameByte = (byte: number): boolean =>
  !isSpace(byte) &&
  byte !== LESS &&
  byte !== GREATER &&
  byte !== SLASH &&
  byte !== EQUALS &&
  byte !== DOUBLE &&
  byte !== SINGLE &&
  byte !== AMPERSAND &&
  byte !== BANG &&
  byte !== QUESTION;

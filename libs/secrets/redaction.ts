/** Shorter values are not looked for: they would be found everywhere, and can be guessed. Characters. */
const HIDDEN_MIN_CHARS = 4;
/** A line of a value that has several, as a key in PEM, is looked for by itself from this length on. Characters. */
const LINE_MIN_CHARS = 16;
/** How far a base64 text goes on around a value that is coded in its middle, at most. Characters. */
const BASE64_REACH = 4_096;
/** Causes of causes that are looked into. */
const CAUSES_MAX = 8;

/**
 * Hides the values of secrets in what a peer says, which may repeat what it was sent: a value as it is, escaped as in
 * JSON, XML and URLs, and in base64 wherever in the coded text it stands (as in HTTP Basic). `[secret NAME]` stands in
 * its place. Against a peer that means to give the value away nothing helps: it has it already.
 */
export class Redaction {
  private readonly names = new Map<string, string>();
  private pattern: RegExp | undefined;

  /** `values` by the names that stand in their place. */
  constructor(values: Iterable<readonly [name: string, value: string]> = []) {
    for (const [name, value] of values) this.hide(name, value);
  }

  /** Hides another value from now on. */
  hide(name: string, value: string): void {
    for (const piece of [value, ...longLines(value)]) {
      if (piece.length < HIDDEN_MIN_CHARS) continue;
      for (const form of formsOf(piece)) this.names.set(form, name);
      for (const core of base64CoresOf(piece)) this.names.set(`${BASE64}${core}`, name);
    }
    const longestFirst = [...this.names.keys()]
      .map((form) => form.replace(BASE64, ''))
      .sort((one, other) => other.length - one.length);
    this.pattern = longestFirst.length === 0 ? undefined : new RegExp(longestFirst.map(escaped).join('|'), 'g');
  }

  /** The same text without the values. */
  text(text: string): string {
    return this.bytes(Buffer.from(text)).toString();
  }

  /** The same bytes, when no value is in them; any text encoding that ASCII is part of. */
  bytes(bytes: Uint8Array): Buffer {
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!this.pattern) return buffer;
    const text = buffer.toString('latin1'); // one character a byte
    const pieces: string[] = [];
    let from = 0;
    for (const { 0: found, index } of text.matchAll(this.pattern)) {
      if (index < from) continue;
      const plain = this.names.get(found);
      const [begin, end] =
        plain === undefined ? base64Around(text, index, found.length) : [index, index + found.length];
      const name = plain ?? this.names.get(`${BASE64}${found}`) ?? '';
      pieces.push(text.slice(from, Math.max(from, begin)), `[secret ${name}]`);
      from = end;
    }
    if (from === 0) return buffer;
    return Buffer.from([...pieces, text.slice(from)].join(''), 'latin1');
  }

  /** The same error, whose message and those of its causes are without the values. */
  error(thrown: unknown): unknown {
    let inner = thrown;
    for (let depth = 0; depth < CAUSES_MAX && inner instanceof Error; depth += 1) {
      const { message, stack } = inner;
      const told = this.text(message);
      if (told !== message) inner.message = told;
      if (stack !== undefined && this.text(stack) !== stack) inner.stack = this.text(stack);
      inner = inner.cause;
    }
    return thrown;
  }
}

/** Marks a form that is the middle of a base64 text. */
const BASE64 = '\0';

const longLines = (value: string): string[] => {
  const lines = value.split(/\r?\n/).filter((line) => line.length >= LINE_MIN_CHARS && !line.startsWith('---'));
  return value.includes('\n') ? lines : [];
};

/** As the value is written in texts of several kinds; as bytes of UTF-8, one character each. */
function formsOf(value: string): Set<string> {
  const json = JSON.stringify(value).slice(1, -1);
  const ascii = json.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const percent = [percentEncoded(value), new URLSearchParams({ '': value }).toString().slice(1)];
  const xml = value.replace(/[&<>"']/g, (char) => XML_ESCAPES[char] ?? char);
  const forms = [
    value,
    json,
    json.replaceAll('/', '\\/'),
    ascii,
    ascii.replaceAll('/', '\\/'),
    ...percent,
    ...percent.map((text) => text.replace(/%../g, (code) => code.toLowerCase())),
    xml,
    xml.replaceAll('&#39;', '&apos;'),
  ];
  return new Set(forms.map((form) => Buffer.from(form).toString('latin1')));
}

const XML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** As `encodeURIComponent`, which throws for a half of a surrogate pair. */
const percentEncoded = (value: string): string => encodeURIComponent(value.toWellFormed());

/** What of its base64 does not depend on what stands before and behind the value, wherever it begins. */
function base64CoresOf(value: string): Set<string> {
  const bytes = Buffer.from(value);
  const cores = [0, 1, 2].map((before) => {
    const coded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const from = Math.ceil((before * 8) / 6);
    return coded.slice(from, Math.floor(((before + bytes.length) * 8) / 6));
  });
  const forms = cores.flatMap((core) => [
    core,
    core.replaceAll('/', '\\/'), // as some write it in JSON
    core.replaceAll('+', '-').replaceAll('/', '_'),
    encodeURIComponent(core),
  ]);
  return new Set(forms.filter((form) => form.length >= HIDDEN_MIN_CHARS));
}

/** Where the base64 text begins and ends that a value was found in. */
function base64Around(text: string, at: number, length: number): [begin: number, end: number] {
  let begin = at;
  while (begin > 0 && at - begin < BASE64_REACH && BASE64_CHAR.test(text[begin - 1]!)) begin -= 1;
  let end = at + length;
  while (end < text.length && end - at < BASE64_REACH && BASE64_CHAR.test(text[end]!)) end += 1;
  while (text[end] === '=') end += 1;
  const isEscape = text[begin - 1] === '\\'; // what looks like base64 begins with the n of a \n
  return [isEscape ? at : begin, end];
}

const BASE64_CHAR = /[A-Za-z0-9+/_-]/;
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

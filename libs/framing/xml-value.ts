import { Tag, XmlScan } from './xml-scan';

/** Why an element has no value. */
export class XmlUnreadable extends Error {}

interface OpenElement {
  readonly name: string;
  members?: Record<string, unknown>;
  text: string;
}

/**
 * An element as a value: one with neither attributes nor elements inside is its text; any other is an object of `@name` for
 * an attribute, `name` for an element (a list when there are several) and `#text` for the text beside them. Names stand
 * with their prefix, as the document writes them. All values are texts, without the white space around them. Throws {@link XmlUnreadable}, and what the scan throws
 * for tags that do not match.
 */
export function xmlValue(element: Buffer): unknown {
  const open: OpenElement[] = [];
  let value: unknown;
  new XmlScan(element, 0).run({
    open: ({ name, attributes }: Tag) => {
      const members = membersOf(element, attributes);
      open.push({ name: name(), ...(members ? { members } : {}), text: '' });
    },
    text: (kind, start, end) => {
      const current = open.at(-1);
      if (!current) return;
      const text = element.toString('utf8', start, end).replace(/\r\n?/g, '\n');
      current.text += kind === 'literal' ? text : unescaped(text);
    },
    close: () => {
      const { name, members, text } = open.pop()!; // the scan closes what it opened
      const own = text.trim();
      if (members && own !== '') put(members, '#text', own);
      const closed: unknown = members ?? own;
      const parent = open.at(-1);
      if (parent) put((parent.members ??= {}), name, closed);
      else value = closed;
    },
  });
  return value;
}

function membersOf(element: Buffer, attributes: readonly number[]): Record<string, unknown> | undefined {
  if (attributes.length === 0) return undefined;
  const members: Record<string, unknown> = {};
  for (let at = 0; at < attributes.length; at += 4) {
    const [nameStart, nameEnd, start, end] = attributes.slice(at, at + 4);
    const name = `@${element.toString('utf8', nameStart, nameEnd)}`;
    if (Object.hasOwn(members, name))
      throw new XmlUnreadable(`has the attribute ${name.slice(1, 100)} twice on one tag`);
    put(members, name, unescaped(element.toString('utf8', start, end).replace(/\r\n|[\r\n\t]/g, ' ')));
  }
  return members;
}

/** The same name again makes a list of both. */
function put(members: Record<string, unknown>, name: string, value: unknown): void {
  if (!Object.hasOwn(members, name)) {
    Object.defineProperty(members, name, { value, enumerable: true, writable: true, configurable: true });
    return;
  }
  const before = members[name];
  if (Array.isArray(before)) before.push(value);
  else members[name] = [before, value];
}

const PREDEFINED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Replaces the references that XML knows without a DOCTYPE: five names, and characters by number. */
function unescaped(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6});|#(\d{1,7});|(\w+);)?/g, (written, hex, decimal, name) => {
    if (typeof name === 'string' && Object.hasOwn(PREDEFINED, name)) return PREDEFINED[name]!; // it has it
    const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal ?? Number.NaN);
    if (!isCharacter(code)) throw new XmlUnreadable(`refers to ${JSON.stringify(written)}, which stands for nothing`);
    return String.fromCodePoint(code);
  });
}

/** XML 1.0, production 2. */
const isCharacter = (code: number): boolean =>
  code === 0x9 ||
  code === 0xa ||
  code === 0xd ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff);

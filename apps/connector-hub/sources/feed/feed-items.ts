import { createHash } from 'node:crypto';
import { XmlUnreadable, xmlValue } from '#libs/framing/xml-value';
import { pageMalformed } from '../http/page-malformed';

/** One item of a feed, whatever its format. Times are RFC 3339 UTC where the feed's own could be read. */
export interface FeedItem {
  /** The feed's own id of the item; without one its link, and without that a digest of it. */
  readonly id: string;
  readonly title?: string;
  readonly link?: string;
  readonly published?: string;
  readonly updated?: string;
  readonly summary?: string;
  readonly content?: string;
  readonly authors: readonly string[];
  readonly categories: readonly string[];
  readonly feed: { readonly format: 'rss' | 'atom'; readonly title?: string; readonly link?: string };
  /** The item as the feed has it: attributes as `@name`, elements by name, text beside them as `#text`. */
  readonly item: unknown;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * The items of a feed: RSS 2.0 and 1.0, Atom 1.0. Throws Unprocessable `pull.page_malformed` for what is none, and for a
 * DOCTYPE (rule 26).
 */
export function feedItems(body: Buffer): FeedItem[] {
  const { name, value } = rootOf(body);
  if (name === 'rss') return rssItems(membersOf(membersOf(value).channel), undefined);
  if (name === 'rdf:RDF') return rssItems(membersOf(membersOf(value).channel), membersOf(value).item);
  if (name === 'feed') return atomItems(membersOf(value));
  throw pageMalformed(`is no feed: its root is <${name.slice(0, 100)}>, and not rss, feed or rdf:RDF`);
}

function rootOf(body: Buffer): { readonly name: string; readonly value: unknown } {
  const text = utf8Of(body);
  try {
    const name = /<([A-Za-z_][\w.:-]*)/.exec(text.toString('utf8').replace(/<\?[^>]*\?>|<!--[^]*?-->/g, ''))?.[1] ?? '';
    return { name, value: xmlValue(text) };
  } catch (thrown) {
    const isOurs = thrown instanceof XmlUnreadable || thrown instanceof Error;
    throw pageMalformed(`is no feed: ${isOurs ? thrown.message : 'it is not XML'}`);
  }
}

/** Feeds of other encodings say so in their first line. */
function utf8Of(body: Buffer): Buffer {
  const declared = /^<\?xml\s[^>]*\bencoding\s*=\s*["']([\w-]+)["']/.exec(body.toString('latin1', 0, 200))?.[1];
  const from = body[0] === 0xef && body[1] === 0xbb ? 3 : 0;
  if (declared === undefined || /^utf-?8$/i.test(declared)) return body.subarray(from);
  try {
    const text = new TextDecoder(declared, { fatal: true }).decode(body);
    return Buffer.from(text.replace(/^<\?xml[^>]*\?>/, ''));
  } catch {
    throw pageMalformed(`says that it is "${declared}", and is not`);
  }
}

function rssItems(channel: Members, beside: unknown): FeedItem[] {
  const feed = { format: 'rss', ...given({ title: textOf(channel.title), link: textOf(channel.link) }) } as const;
  return listOf(beside ?? channel.item).map((item) => {
    const members = membersOf(item);
    const link = textOf(members.link);
    return {
      id: textOf(members.guid) ?? textOf(members['@rdf:about']) ?? link ?? digestOf(item),
      ...given({
        title: textOf(members.title),
        link,
        published: timeOf(members.pubDate ?? members['dc:date']),
        updated: timeOf(members['atom:updated']),
        summary: textOf(members.description),
        content: textOf(members['content:encoded']),
      }),
      authors: texts(members.author, members['dc:creator']),
      categories: texts(members.category),
      feed,
      item,
    };
  });
}

function atomItems(root: Members): FeedItem[] {
  const feed = { format: 'atom', ...given({ title: textOf(root.title), link: linkOf(root.link) }) } as const;
  return listOf(root.entry).map((item) => {
    const members = membersOf(item);
    const link = linkOf(members.link);
    return {
      id: textOf(members.id) ?? link ?? digestOf(item),
      ...given({
        title: textOf(members.title),
        link,
        published: timeOf(members.published),
        updated: timeOf(members.updated),
        summary: textOf(members.summary),
        content: textOf(members.content),
      }),
      authors: listOf(members.author).flatMap((author) => textOf(membersOf(author).name) ?? []),
      categories: listOf(members.category).flatMap((category) => textOf(membersOf(category)['@term']) ?? []),
      feed,
      item,
    };
  });
}

/** Of several links the one that leads to the item itself. */
function linkOf(value: unknown): string | undefined {
  const links = listOf(value).map(membersOf);
  const own = links.find((link) => (link['@rel'] ?? 'alternate') === 'alternate') ?? links[0];
  return textOf(own?.['@href']);
}

const membersOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {}; // an object's members

const listOf = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** An element's text, of several the first. */
function textOf(value: unknown): string | undefined {
  const [first] = listOf(value);
  const text = typeof first === 'string' ? first : membersOf(first)['#text'];
  return typeof text === 'string' && text !== '' ? text : undefined;
}

const texts = (...values: unknown[]): string[] => values.flatMap(listOf).flatMap((value) => textOf(value) ?? []);

/** RFC 822 and RFC 3339, as feeds write times. */
function timeOf(value: unknown): string | undefined {
  const time = Date.parse(textOf(value) ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

const given = (members: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(members).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));

const digestOf = (item: unknown): string => createHash('sha256').update(JSON.stringify(item)).digest('hex');

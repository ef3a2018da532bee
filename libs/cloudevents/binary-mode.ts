import { isUtf8 } from 'node:buffer';
import { BadRequest } from '#libs/errors/errors';
import { ATTRIBUTE_NAME, attributeProblem, isJsonType } from './event';

const PREFIX = 'ce-';
const REQUIRED = ['specversion', 'id', 'source', 'type'];

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** True for a request that carries one event in the HTTP binding's binary mode: attributes in headers, data as the body. */
export const isBinaryMode = (headers: Headers): boolean => headers['ce-specversion'] !== undefined;

/**
 * An event of the binary mode as the same event in the JSON format, so that its attributes and its data stay together
 * from here on. JSON data is taken over byte for byte; text becomes a text, anything else base64. The same request gives
 * the same bytes. Throws BadRequest `events.malformed` for attributes that are missing or wrong, and for data that is not
 * the JSON which it is said to be.
 */
export function structuredOf(headers: Headers, body: Uint8Array): Buffer {
  const attributes = new Map<string, string>();
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(PREFIX) || value === undefined) continue;
    const name = header.slice(PREFIX.length);
    if (!ATTRIBUTE_NAME.test(name)) throw refused(`the header ${header} names no attribute`);
    if (Array.isArray(value)) throw refused(`the header ${header} comes more than once`);
    attributes.set(name, percentDecoded(header, value));
  }
  if (attributes.has('datacontenttype')) {
    throw refused('the header ce-datacontenttype is not known: Content-Type says what the data is');
  }
  const contentType = headers['content-type'];
  if (typeof contentType === 'string') attributes.set('datacontenttype', contentType);
  for (const name of REQUIRED) if (!attributes.has(name)) throw refused(`the header ce-${name} is missing`);
  for (const [name, value] of attributes) {
    const problem = attributeProblem(name, value);
    if (problem !== undefined) throw refused(problem);
  }
  const others = [...attributes.keys()].filter((name) => !REQUIRED.includes(name)).sort();
  const members = [...REQUIRED, ...others].map(
    (name) => `${JSON.stringify(name)}:${JSON.stringify(attributes.get(name))}`,
  );
  const data = dataMember(attributes.get('datacontenttype'), Buffer.from(body));
  return Buffer.concat([Buffer.from(`{${members.join(',')}`), ...data, Buffer.from('}')]);
}

function dataMember(contentType: string | undefined, body: Buffer): Buffer[] {
  if (body.length === 0) return [];
  if (contentType !== undefined && isJsonType(contentType)) {
    if (!isUtf8(body) || !isJson(body)) throw refused('its Content-Type says JSON, and the body is none');
    return [Buffer.from(',"data":'), body];
  }
  if (contentType !== undefined && /^text\//i.test(contentType) && isUtf8(body)) {
    return [Buffer.from(`,"data":${JSON.stringify(body.toString('utf8'))}`)];
  }
  return [Buffer.from(`,"data_base64":"${body.toString('base64')}"`)];
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

/** Values travel percent-encoded, possibly as an HTTP quoted-string (CloudEvents HTTP binding 1.0.2, §3.1.3.2). */
function percentDecoded(header: string, value: string): string {
  const quoted = /^"(.*)"$/s.exec(value)?.[1]?.replace(/\\(.)/gs, '$1') ?? value;
  const bytes: Buffer[] = [];
  for (const [part, hex] of quoted.matchAll(/%([0-9A-Fa-f]{2})|[^%]+|%/g)) {
    bytes.push(hex === undefined ? Buffer.from(part, 'latin1') : Buffer.from(hex, 'hex'));
  }
  const decoded = Buffer.concat(bytes);
  if (!isUtf8(decoded)) throw refused(`the value of the header ${header} is not UTF-8`);
  return decoded.toString('utf8');
}

const refused = (what: string): BadRequest =>
  new BadRequest('events.malformed', `The request is no CloudEvent in binary mode: ${what}. Nothing was taken.`);

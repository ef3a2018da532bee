import { isUtf8 } from 'node:buffer';

/** A CloudEvent 1.0: attributes by name, and `data`, or `data_base64` where it is neither JSON nor text. */
export type CloudEvent = Readonly<Record<string, unknown>>;

const REQUIRED = ['id', 'source', 'specversion', 'type'] as const;
const OPTIONAL_TEXTS = ['datacontenttype', 'dataschema', 'subject', 'time'] as const;
const DATA = new Set(['data', 'data_base64']);
export const ATTRIBUTE_NAME = /^[a-z0-9]+$/;
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;.*)?$/;
const TIME = /^\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const INT32_MAX = 2 ** 31 - 1;

/**
 * Reads an event in the JSON format of CloudEvents 1.0.2, or says in a sentence what makes it none. `data_base64` becomes
 * `data` where the content type says that it is JSON or text. Attributes that are null are as if they were not there.
 */
export function readCloudEvent(value: unknown): CloudEvent | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is not an object';
  const event: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (DATA.has(name)) continue;
    if (!ATTRIBUTE_NAME.test(name))
      return `the attribute "${name.slice(0, 100)}" is not of lower-case letters and digits`;
    if (member === null) continue;
    const problem = attributeProblem(name, member);
    if (problem !== undefined) return problem;
    event[name] = member;
  }
  for (const name of REQUIRED) if (event[name] === undefined) return `the attribute "${name}" is missing`;
  return withData(event, value);
}

/** True for JSON by its media type: `application/json`, or any with the suffix `+json`. */
export const isJsonType = (mediaType: string): boolean => /^[^;]*[/+]json\s*(?:;|$)/i.test(mediaType);

/** What is wrong with the value of an attribute, in a sentence. */
export function attributeProblem(name: string, value: unknown): string | undefined {
  const isCore = [...REQUIRED, ...OPTIONAL_TEXTS].some((core) => core === name);
  if (!isCore) {
    const isInt = typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= INT32_MAX + 1;
    const fits = typeof value === 'string' || typeof value === 'boolean' || isInt;
    return fits ? undefined : `the attribute "${name}" is neither a text, a whole number nor true or false`;
  }
  if (typeof value !== 'string') return `the attribute "${name}" is not a text`;
  if (value === '') return `the attribute "${name}" is empty`;
  if (name === 'specversion' && value !== '1.0') return `its specversion is "${value.slice(0, 20)}"; 1.0 is read`;
  if (name === 'datacontenttype' && !MEDIA_TYPE.test(value)) return 'its datacontenttype is no media type';
  if (name === 'time' && (!TIME.test(value) || Number.isNaN(Date.parse(value))))
    return 'its time is not as in RFC 3339';
  return undefined;
}

function withData(event: Record<string, unknown>, given: object): CloudEvent | string {
  const data: unknown = Reflect.get(given, 'data');
  const base64: unknown = Reflect.get(given, 'data_base64') ?? undefined;
  if (base64 === undefined) return 'data' in given ? { ...event, data } : event;
  if (data !== undefined) return 'it has both "data" and "data_base64"';
  if (typeof base64 !== 'string' || !BASE64.test(base64)) return 'its data_base64 is not base64';
  const type = typeof event.datacontenttype === 'string' ? event.datacontenttype : '';
  const bytes = Buffer.from(base64, 'base64');
  if (isJsonType(type)) {
    try {
      return { ...event, data: JSON.parse(bytes.toString('utf8')) as unknown };
    } catch {
      return 'its data_base64 is not the JSON that its datacontenttype says';
    }
  }
  if (/^text\//i.test(type) && isUtf8(bytes)) return { ...event, data: bytes.toString('utf8') };
  return { ...event, data_base64: base64 };
}

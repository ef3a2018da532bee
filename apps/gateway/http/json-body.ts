import { BadRequest } from '#libs/errors/errors';

export const JSON_DEPTH_MAX = 64;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a body. Throws BadRequest `body.encoding` for bytes that are not UTF-8. */
export function textOf(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new BadRequest('body.encoding', 'The body is not valid UTF-8.');
  }
}

/**
 * A request's JSON body (RFC 8259). Throws BadRequest for what is not JSON, is nested over {@link JSON_DEPTH_MAX} deep
 * (rule 35), names a member of an object twice (which of them counts would depend on who reads it) or carries a key that
 * could reach an object's prototype (rule 23).
 */
export function parseJsonBody(body: Uint8Array): unknown {
  const text = textOf(body);
  checkStructure(text);
  const value = parsed(text);
  if (MAY_HOLD_NO_TEXT.test(text)) refuseNoText(value);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : 'it does not parse';
    throw new BadRequest('body.malformed', `The body is not JSON: ${reason}.`);
  }
}

/** Escapes that may stand for what no database keeps as text: the null character and half a surrogate pair. */
const MAY_HOLD_NO_TEXT = /\\u(?:0000|d[89a-f])/i;

function refuseNoText(value: unknown): void {
  if (typeof value === 'string') {
    if (value.isWellFormed() && !value.includes('\0')) return;
    throw new BadRequest(
      'body.text',
      'A text in the body holds U+0000 or half a surrogate pair, which cannot be kept.',
    );
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    refuseNoText(key);
    refuseNoText(member);
  }
}

/** One pass before the parse, since the parser itself recurses and keeps the last of two like keys without a word. */
function checkStructure(text: string): void {
  /** For each open bracket the keys seen in it; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let keyMayCome = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = endOfString(text, at + 1);
        const keys = open[open.length - 1];
        if (keyMayCome && keys) takeKey(keys, text.slice(at, end + 1));
        keyMayCome = false;
        at = end;
        break;
      }
      case 0x7b: // {
      case 0x5b: {
        // [
        const isObject = text[at] === '{';
        open.push(isObject ? new Set() : undefined);
        keyMayCome = isObject;
        if (open.length > JSON_DEPTH_MAX) {
          throw new BadRequest('body.too_deep', `The body is nested more than ${JSON_DEPTH_MAX} levels deep.`);
        }
        break;
      }
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        keyMayCome = false;
        break;
      case 0x2c: // ,
        keyMayCome = true;
        break;
    }
  }
}

function takeKey(keys: Set<string>, quoted: string): void {
  const key = readString(quoted);
  if (key === undefined) return; // no JSON: the parse says what is wrong with it
  if (FORBIDDEN_KEYS.has(key)) throw new BadRequest('body.forbidden_key', `The key "${key}" is not allowed in a body.`);
  if (keys.has(key))
    throw new BadRequest('body.duplicate_key', `The key "${key.slice(0, 100)}" stands twice in one object.`);
  keys.add(key);
}

function readString(quoted: string): string | undefined {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return undefined;
  }
}

/** The place of the quote that ends a string whose inside begins at `at`, or the text's end. */
function endOfString(text: string, at: number): number {
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at;
    if (code === 0x5c) at += 1;
  }
  return text.length;
}

import { BadRequest } from '#libs/errors/errors';

export const JSON_DEPTH_MAX = 64;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const utf8 = new TextDecoder('utf-8', { fatal: true });

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
 * (rule 35) or carries a key that could reach an object's prototype (rule 23).
 */
export function parseJsonBody(body: Uint8Array): unknown {
  const text = textOf(body);
  refuseDeepNesting(text);
  try {
    return JSON.parse(text, refuseForbiddenKeys);
  } catch (thrown) {
    if (thrown instanceof BadRequest) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : 'it does not parse';
    throw new BadRequest('body.malformed', `The body is not JSON: ${reason}.`);
  }
}

function refuseForbiddenKeys(key: string, value: unknown): unknown {
  if (FORBIDDEN_KEYS.has(key)) throw new BadRequest('body.forbidden_key', `The key "${key}" is not allowed in a body.`);
  return value;
}

/** Before the parse, since the parser itself recurses. Brackets in strings do not count. */
function refuseDeepNesting(text: string): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') {
      depth += 1;
      if (depth > JSON_DEPTH_MAX) {
        throw new BadRequest('body.too_deep', `The body is nested more than ${JSON_DEPTH_MAX} levels deep.`);
      }
    } else if (char === '}' || char === ']') depth -= 1;
  }
}

import { resolve } from 'node:path';
import { parseDuration } from '../documents/duration';
import { EnvKind } from './env';

const BYTE_UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** What a text of each kind may look like, for the sentence that refuses another one. */
export const ALLOWED: Readonly<Record<EnvKind, string>> = {
  text: 'any text',
  flag: '"true" or "false"',
  integer: 'a whole number',
  duration: 'a duration like 500ms, 30s, 15m or 6h',
  bytes: 'a size like 512MiB or 10GiB',
  list: 'a list with commas between',
  json: 'a JSON object',
  folder: 'a folder',
};

/** The value of a variable's text; undefined when it is not of its kind. Durations in milliseconds, sizes in bytes. */
export function readText(kind: EnvKind, text: string): unknown {
  switch (kind) {
    case 'text':
      return text;
    case 'flag':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'integer':
      return /^-?\d+$/.test(text) ? Number(text) : undefined;
    case 'duration':
      return parseDuration(text);
    case 'bytes':
      return parseBytes(text);
    case 'list':
      return text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
    case 'json':
      return parseObject(text);
    case 'folder':
      return resolve(text);
  }
}

function parseBytes(text: string): number | undefined {
  const [, digits, unit = 'B'] = /^(\d+)(B|KiB|MiB|GiB)?$/.exec(text) ?? [];
  const bytes = Number(digits) * (BYTE_UNITS[unit] ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

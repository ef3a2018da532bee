import { Type } from 'protobufjs/light';
import { BadRequest, ChartlyError } from '#libs/errors/errors';
import { checkJsonSize, checkProtobufSize } from './decoded-size';

export type OtlpEncoding = 'json' | 'protobuf';

/** An object of a request as its encoding gave it. What is not there is undefined. */
export type Wire = Readonly<Record<string, unknown>>;

/**
 * An OTLP request as one shape, whichever its encoding: 64-bit numbers as decimal texts or numbers, bytes as bytes or as
 * OTLP's JSON writes them. Fields that are not known are overlooked, as the protocol asks.
 */
export function readOtlp(type: Type, body: Uint8Array, encoding: OtlpEncoding): Wire {
  try {
    if (encoding === 'json') checkJsonSize(body);
    else checkProtobufSize(type, body);
    const value: unknown =
      encoding === 'json'
        ? JSON.parse(Buffer.from(body).toString('utf8'))
        : type.toObject(type.decode(body), { longs: String });
    return objectOf(value);
  } catch (thrown) {
    if (thrown instanceof ChartlyError) throw thrown;
    throw otlpMalformed(thrown instanceof Error ? thrown.message : 'it does not decode');
  }
}

export const otlpMalformed = (what: string): BadRequest =>
  new BadRequest('events.malformed', `The body is no OTLP request: ${what.slice(0, 300)}. Nothing was taken.`);

/** Reads what may be left out as empty. */
export function objectOf(value: unknown): Wire {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw otlpMalformed('an object was expected');
  return value as Wire; // members are unknown
}

export function listOf(value: unknown): Wire[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw otlpMalformed('a list was expected');
  return value.map(objectOf);
}

export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw otlpMalformed('a text was expected');
  return value;
}

/** A double; in JSON possibly one of the texts that protobuf has for what JSON cannot say. */
export function doubleOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number') return value;
  const special = typeof value === 'string' ? SPECIAL[value] : undefined;
  if (special === undefined) throw otlpMalformed('a number was expected');
  return special;
}

const SPECIAL: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity };

/** A 64-bit number, given as a number or as its decimal text. */
export function wideOf(value: unknown): bigint {
  if (value === undefined || value === null) return 0n;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  throw otlpMalformed('a whole number was expected');
}

/** As JSON says it: a number where it is exact, else its decimal text. */
export const countOf = (value: unknown): number | string => {
  const wide = wideOf(value);
  const number = Number(wide);
  return Number.isSafeInteger(number) ? number : String(wide);
};

/** Ids of traces and spans are bytes in protobuf and hex in OTLP's JSON; undefined for none. */
export function idOf(value: unknown): string | undefined {
  const hex = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : textOf(value).toLowerCase();
  if (hex === '' || /^0+$/.test(hex)) return undefined;
  if (!/^[0-9a-f]+$/.test(hex)) throw otlpMalformed('an id is not written in hex');
  return hex;
}

import { Transform } from 'class-transformer';

const WRITTEN = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** A time of a request, which is an instant in UTC from here on. */
export const InUtc = (): PropertyDecorator => Transform(({ value }: { value: unknown }) => utcOf(value));

/**
 * The instant that a text of ISO 8601 names, in UTC and to the digit; a day is its midnight. Without a zone it is UTC, and
 * not the zone of whoever reads it. What names no instant is left as it is, for a rule to refuse.
 */
export function utcOf(value: unknown): unknown {
  const [text, day, minutes = '00:00', seconds = ':00', fraction = '', zone = 'Z'] = WRITTEN.exec(String(value)) ?? [];
  if (typeof value !== 'string' || text === undefined || day === undefined) return value;
  const at = Date.parse(`${day}T${minutes}${seconds}${zone.toUpperCase().replace(/(\d\d)(\d\d)$/, '$1:$2')}`);
  if (Number.isNaN(at) || !isDay(day)) return value;
  return new Date(at).toISOString().replace('.000Z', `${fraction}Z`);
}

/** There is no 30th of February, though a parser may find the 2nd of March there. */
const isDay = (day: string): boolean => new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);

import { Failure, shown } from './failure';

const ZONES_MAX = 128;
const DAY_MS = 86_400_000;

const zones = new Map<string, Intl.DateTimeFormat | Failure>();

/** How far a zone is ahead of UTC at a moment, in minutes; a {@link Failure} for what is no IANA zone. */
export function offsetMinutesAt(zone: unknown, ms: number): number | Failure {
  if (zone === 'UTC') return 0;
  const format = zoneOf(zone);
  if (format instanceof Failure) return format;
  const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/**
 * The moment at which clocks in a zone show a local time (given as if it were UTC). A time that comes twice, when clocks
 * go back, is the first of the two; one that clocks jump over counts as far behind the jump (as RFC 5545 has it).
 */
export function utcMsOfLocal(zone: unknown, localMs: number): number | Failure {
  const before = offsetMinutesAt(zone, localMs - DAY_MS);
  const after = offsetMinutesAt(zone, localMs + DAY_MS);
  if (before instanceof Failure) return before;
  if (after instanceof Failure) return after;
  for (const offset of [Math.max(before, after), Math.min(before, after)]) {
    const ms = localMs - offset * 60_000;
    if (offsetMinutesAt(zone, ms) === offset) return ms;
  }
  return localMs - before * 60_000;
}

function zoneOf(zone: unknown): Intl.DateTimeFormat | Failure {
  if (typeof zone !== 'string') return new Failure(`a time zone is a name like "Europe/Paris", got ${shown(zone)}`);
  const known = zones.get(zone);
  if (known) return known;
  const format = formatIn(zone);
  if (zones.size >= ZONES_MAX) zones.delete(zones.keys().next().value ?? '');
  zones.set(zone, format);
  return format;
}

function formatIn(zone: string): Intl.DateTimeFormat | Failure {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  } catch {
    return new Failure(`there is no time zone ${shown(zone)}`);
  }
}

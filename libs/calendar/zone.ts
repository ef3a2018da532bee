/**
 * Time zones by their IANA names, from the tz database of the runtime. Everything is in microseconds since 1970 UTC;
 * a zone's offset is what its clocks show beyond UTC.
 */

const MINUTE_MS = 60_000;
const PROBE_MS = 7 * 86_400_000;
const FORMATS_MAX = 100;

/** From `fromUs` on, until the next span, the clocks show UTC plus `offsetUs`. */
export interface OffsetSpan {
  readonly fromUs: bigint;
  readonly offsetUs: bigint;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const spansOfYears = new Map<string, Map<number, readonly OffsetSpan[]>>();
let yearsKept = 0;
const YEARS_KEPT_MAX = 20_000;

/** Whether the runtime knows a zone of this name. */
export function isZone(zone: string): boolean {
  try {
    return zone === 'UTC' || formatOf(zone) !== undefined;
  } catch {
    return false;
  }
}

/** The zone's offset at an instant. */
export function offsetAt(zone: string, us: bigint): bigint {
  if (zone === 'UTC') return 0n;
  const spans = spansOf(zone, yearOf(us));
  return (spans.findLast(({ fromUs }) => fromUs <= us) ?? spans[0]!).offsetUs; // never empty
}

/** The spans of equal offset that lie in `[fromUs, toUs]`; the first begins at or before `fromUs`. */
export function offsetsBetween(zone: string, fromUs: bigint, toUs: bigint): readonly OffsetSpan[] {
  const first: OffsetSpan = { fromUs, offsetUs: offsetAt(zone, fromUs) };
  if (zone === 'UTC') return [first];
  const spans = [first];
  for (let year = yearOf(fromUs); year <= yearOf(toUs); year += 1) {
    for (const span of spansOf(zone, year).slice(1)) {
      if (span.fromUs > fromUs && span.fromUs <= toUs) spans.push(span);
    }
  }
  return spans;
}

/** What the zone's clocks show at an instant, read as if it were UTC. */
export const localOf = (zone: string, us: bigint): bigint => us + offsetAt(zone, us);

/**
 * The instant at which the zone's clocks come to show `localUs`: the first of two, and for a time that they skip the
 * instant of the jump.
 */
export function instantOfLocal(zone: string, localUs: bigint): bigint {
  if (zone === 'UTC') return localUs;
  const dayUs = 86_400_000_000n;
  return instantFrom(offsetsBetween(zone, localUs - 2n * dayUs, localUs + 2n * dayUs), localUs);
}

/** The same over spans that are known to cover the time. */
function instantFrom(spans: readonly OffsetSpan[], localUs: bigint): bigint {
  let found = spans[0]!; // never empty
  spans.forEach((span, at) => {
    const before = spans[at - 1];
    if (before && localUs >= localThreshold(before, span)) found = span;
  });
  const instant = localUs - found.offsetUs;
  const next = spans[spans.indexOf(found) + 1];
  return next && instant > next.fromUs ? next.fromUs : instant;
}

/** From which local time on the later of two spans tells the instant: before it, either is skipped or comes twice. */
export const localThreshold = (before: OffsetSpan, after: OffsetSpan): bigint =>
  after.fromUs + (before.offsetUs > after.offsetUs ? before.offsetUs : after.offsetUs);

/** The spans of a year of UTC: the first is the one it begins in, the others begin with its transitions. */
function spansOf(zone: string, year: number): readonly OffsetSpan[] {
  const kept = spansOfYears.get(zone)?.get(year);
  if (kept) return kept;
  const end = startOfYear(year + 1);
  let low = startOfYear(year);
  let offset = offsetMs(zone, low - 1);
  const spans: OffsetSpan[] = [{ fromUs: BigInt(low) * 1_000n, offsetUs: BigInt(offset) * 1_000n }];
  for (let high = low; high <= end; high = high === end ? end + 1 : Math.min(end, high + PROBE_MS)) {
    const there = offsetMs(zone, high);
    if (there !== offset) {
      const at = transitionBetween(zone, low - 1, high);
      if (at < end) spans.push({ fromUs: BigInt(at) * 1_000n, offsetUs: BigInt(there) * 1_000n });
      offset = there;
    }
    low = high;
  }
  if (yearsKept >= YEARS_KEPT_MAX) {
    spansOfYears.clear();
    yearsKept = 0;
  }
  yearsKept += 1;
  spansOfYears.set(zone, (spansOfYears.get(zone) ?? new Map<number, readonly OffsetSpan[]>()).set(year, spans));
  return spans;
}

/** The first instant after `low` whose offset is that of `high`; transitions fall on whole seconds. */
function transitionBetween(zone: string, low: number, high: number): number {
  const before = offsetMs(zone, low);
  let [from, to] = [low, high];
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    if (offsetMs(zone, middle) === before) from = middle;
    else to = middle;
  }
  return to;
}

function offsetMs(zone: string, ms: number): number {
  const parts = formatOf(zone).formatToParts(ms);
  const number = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value ?? 0);
  const era = parts.find(({ type }) => type === 'era')?.value;
  const year = era === 'BC' ? 1 - number('year') : number('year');
  const date = new Date(0);
  date.setUTCFullYear(year, number('month') - 1, number('day'));
  date.setUTCHours(number('hour'), number('minute'), number('second'));
  return date.getTime() - Math.floor(ms / 1_000) * 1_000;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const kept = formats.get(zone);
  if (kept) return kept;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (formats.size >= FORMATS_MAX) formats.clear();
  formats.set(zone, format);
  return format;
}

const msOf = (us: bigint): number => Number((us - (((us % 1_000n) + 1_000n) % 1_000n)) / 1_000n);
const yearOf = (us: bigint): number => new Date(Math.min(8.64e15, Math.max(-8.64e15, msOf(us)))).getUTCFullYear();

function startOfYear(year: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, 0, 1);
  return date.getTime() - (date.getTime() % MINUTE_MS);
}

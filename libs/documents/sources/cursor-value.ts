import type { CursorSpec, TimeFormat } from './http';

/** A cursor's value as it is compared: milliseconds since 1970 for a time, the number, or the text. */
export type CursorValue = number | string;

/** Milliseconds of the smallest step that a format can write. */
const STEP_MS: Readonly<Record<TimeFormat, number>> = {
  rfc3339: 1,
  rfc3339_s: 1_000,
  epoch_ms: 1,
  epoch_s: 1_000,
  date: 86_400_000,
};

/** The cursor's value in a record; undefined for what is none, which does not move the cursor. */
export function readCursorValue({ type = 'time', format }: CursorSpec, value: unknown): CursorValue | undefined {
  switch (type) {
    case 'text':
      return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
    case 'number':
      return asNumber(value);
    case 'time':
      return asTime(value, format);
  }
}

/** The value that the first pull begins with; undefined when there is none, or none of the cursor's type. */
export function readStart(cursor: CursorSpec): CursorValue | undefined {
  const { type = 'time', start } = cursor;
  if (start === undefined) return undefined;
  if (type === 'text') return typeof start === 'string' ? start : undefined;
  return readCursorValue(cursor, start);
}

function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function asTime(value: unknown, format: TimeFormat | undefined): number | undefined {
  const isEpoch = format === 'epoch_s' || format === 'epoch_ms';
  const number = typeof value === 'number' || isEpoch ? asNumber(value) : undefined;
  if (number !== undefined) {
    const time = format === 'epoch_s' ? number * 1_000 : number;
    return Math.abs(time) <= TIME_MAX ? time : undefined;
  }
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** The last instant that a Date can hold. */
const TIME_MAX = 8.64e15;

/** A cursor's value as it is sent; a format coarser than the value is rounded so that nothing is left out. */
export function writeCursorValue(cursor: CursorSpec, value: CursorValue, bound: 'from' | 'to'): string | number {
  const { type = 'time', format = 'rfc3339' } = cursor;
  if (type !== 'time' || typeof value === 'string') return value;
  const step = STEP_MS[format];
  const time = bound === 'from' ? Math.floor(value / step) * step : Math.ceil(value / step) * step;
  switch (format) {
    case 'rfc3339':
      return new Date(time).toISOString();
    case 'rfc3339_s':
      return new Date(time).toISOString().replace('.000Z', 'Z');
    case 'epoch_ms':
      return time;
    case 'epoch_s':
      return time / 1_000;
    case 'date':
      return new Date(time).toISOString().slice(0, 10);
  }
}

/**
 * Windows overlap by this: whether a source takes their ends as in or out, what lies on an end is in one of them. Dates
 * do not overlap: nobody leaves the day out at which a stretch begins.
 */
export const overlapMs = ({ format = 'rfc3339' }: CursorSpec): number => (format === 'date' ? 0 : STEP_MS[format]);

/** The shortest window that gets on. */
export const windowMinMs = ({ format = 'rfc3339' }: CursorSpec): number =>
  format === 'date' ? STEP_MS.date : 2 * STEP_MS[format];

/** The later of two values; a missing one loses. */
export function later(a: CursorValue | undefined, b: CursorValue | undefined): CursorValue | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return isAfter(b, a) ? b : a;
}

/** Numbers by size, texts by UTF-16 code units. */
export const isAfter = (a: CursorValue, b: CursorValue): boolean => a > b;

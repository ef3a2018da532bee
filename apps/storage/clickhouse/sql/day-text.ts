import { Unprocessable } from '#libs/errors/errors';

const DAY_MS = 86_400_000;
const FIRST = -719_162;
const LAST = 2_932_896;

/** A day, counted from 1970-01-01, as `YYYY-MM-DD`. Throws Unprocessable `sql.invalid` outside of the years 1 to 9999. */
export function dayText(day: number): string {
  if (day < FIRST || day > LAST) {
    throw new Unprocessable('sql.invalid', 'The statement cannot run: a day lies outside of the years 1 to 9999.');
  }
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

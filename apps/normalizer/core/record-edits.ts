import { createHmac } from 'node:crypto';
import type { Lookup, LookupRow, Redaction } from '#libs/documents/step';
import { toText } from './conversions';
import { Failure, isPlainObject, shown } from './failure';

/** Below this a mask covers everything; from here on an end of it stays to be recognized by. */
const MASK_SHOWS_FROM_CHARS = 8;
const MASK_SHOWN_CHARS = 4;

/** Stands for a value that is taken away. */
const GONE = Symbol('gone');

/** Gives the value with whatever lies at the path changed; lists on the way are changed in each item. Copies what it changes. */
function changedAt(value: unknown, path: readonly string[], change: (found: unknown) => unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => changedAt(item, path, change));
    return items.find((item) => item instanceof Failure) ?? items;
  }
  const [name, ...rest] = path;
  if (name === undefined || !isPlainObject(value) || !Object.hasOwn(value, name)) return value;
  const changed = rest.length === 0 ? change(value[name]) : changedAt(value[name], rest, change);
  if (changed instanceof Failure) return changed;
  return copied(value, changed === GONE ? { without: name } : { name, value: changed });
}

type Edit = { readonly without: string } | { readonly name: string; readonly value: unknown };

function copied(record: Readonly<Record<string, unknown>>, ...edits: readonly Edit[]): Record<string, unknown> {
  const copy = { ...record };
  for (const edit of edits) {
    if ('without' in edit) delete copy[edit.without];
    else put(copy, edit.name, edit.value);
  }
  return copy;
}

/** `__proto__` is a name like any. */
function put(record: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(record, name, { value, enumerable: true, writable: true, configurable: true });
}

/** A name that the record has as it is, dots and all, is that field; else the dots lead inward. */
const segmentsOf = (record: unknown, path: string): readonly string[] =>
  isPlainObject(record) && Object.hasOwn(record, path) ? [path] : path.split('.');

const noObject = (record: unknown): Failure => new Failure(`expected an object, got ${shown(record)}`);

/** The record with these fields added or replaced. */
export function withFields(record: unknown, fields: readonly (readonly [string, unknown])[]): unknown {
  if (!isPlainObject(record)) return noObject(record);
  return copied(record, ...fields.map(([name, value]) => ({ name, value })));
}

export function withoutFields(record: unknown, paths: readonly string[]): unknown {
  if (!isPlainObject(record)) return noObject(record);
  return paths.reduce<unknown>((at, path) => changedAt(at, segmentsOf(at, path), () => GONE), record);
}

/** The record with fields under other names; a field that is not there is left out. A name that is taken is a failure. */
export function withNames(record: unknown, names: readonly (readonly [string, string])[]): unknown {
  if (!isPlainObject(record)) return noObject(record);
  const taken: [string, unknown][] = [];
  let rest: unknown = record;
  for (const [from, to] of names) {
    let found: unknown = GONE;
    rest = changedAt(rest, segmentsOf(rest, from), (value) => {
      found = value;
      return GONE;
    });
    if (found !== GONE) taken.push([to, found]);
  }
  const clash = taken.find(
    ([to], at) => (isPlainObject(rest) && Object.hasOwn(rest, to)) || taken.findIndex(([one]) => one === to) < at,
  );
  return clash ? new Failure(`cannot rename to "${clash[0]}": the record has such a field`) : withFields(rest, taken);
}

export function withRedactions(
  record: unknown,
  fields: readonly (readonly [string, Redaction])[],
  key: Uint8Array,
): unknown {
  if (!isPlainObject(record)) return noObject(record);
  return fields.reduce<unknown>((at, [path, how]) => {
    if (at instanceof Failure) return at;
    return changedAt(at, segmentsOf(at, path), (value) => {
      const redacted = how === 'drop' ? GONE : redact(value, how, key);
      return redacted instanceof Failure ? new Failure(`${path}: ${redacted.reason}`) : redacted;
    });
  }, record);
}

/** `hash`: HMAC-SHA-256 in hex, the same for the same value and key. `mask`: `*` for each character but the last four of eight or more. */
export function redact(value: unknown, how: 'hash' | 'mask', key: Uint8Array): string | null | Failure {
  const text = toText(value);
  if (text === null) return null;
  if (text instanceof Failure) return new Failure(`cannot ${how} a value that is no string, number or bool`);
  if (how === 'hash') return createHmac('sha256', key).update(text, 'utf8').digest('hex');
  const characters = [...text];
  const shownFrom =
    characters.length >= MASK_SHOWS_FROM_CHARS ? characters.length - MASK_SHOWN_CHARS : characters.length;
  return characters.map((character, at) => (at < shownFrom ? '*' : character)).join('');
}

/** Finds the table's row of a key; null where there is none and that is allowed. */
export function finder({ table = {}, missing = 'null' }: Lookup): (key: unknown) => LookupRow | null | Failure {
  const rows = new Map(Object.entries(table));
  return (key) => {
    const text = key instanceof Failure ? key : toText(key);
    if (text instanceof Failure) return text;
    const row = text === null ? undefined : rows.get(text);
    if (row) return row;
    return missing === 'null' ? null : new Failure(`the lookup's table has no row for ${shown(key)}`);
  };
}

import { csvFields, frameCsv } from '#libs/framing/csv';
import { frame } from '#libs/framing/framing';
import { startOfText } from '#libs/framing/text';
import { frameXml } from '#libs/framing/xml';
import { xmlValue } from '#libs/framing/xml-value';
import { RecordPart } from '../sources/source-reader';

/**
 * What a source's records look like: a field's path -> the types of its values. `null` says nothing of a type, and neither
 * does an empty element of xml.
 */
export type Shape = Readonly<Record<string, readonly string[]>>;

const DEPTH_MAX = 5;
const FIELDS_MAX = 2_000;

/** The shape of the records in parts of json, ndjson, csv and xml. */
export function shapeOf(parts: readonly RecordPart[]): Shape {
  const fields = new Map<string, Set<string>>();
  for (const part of parts) for (const record of recordsOf(part)) look(record, '', 0, fields, part.format === 'xml');
  return Object.fromEntries([...fields].map(([path, types]) => [path, [...types].sort()]));
}

/** What `seen` has that `known` has not, in sentences, by path. */
export function driftOf(known: Shape, seen: Shape): string[] {
  return Object.entries(seen)
    .flatMap(([path, types]) => {
      const before = Object.hasOwn(known, path) ? known[path]! : undefined; // just looked up
      if (!before) return [`new field ${path}${types.length === 0 ? '' : ` (${types.join(', ')})`}`];
      const added = types.filter((type) => !before.includes(type));
      return added.length === 0 || before.length === 0
        ? []
        : [`${path} is ${added.join(', ')}, was ${before.join(', ')}`];
    })
    .sort();
}

export function merged(known: Shape, seen: Shape): Shape {
  const paths = [...new Set([...Object.keys(known), ...Object.keys(seen)])].slice(0, FIELDS_MAX);
  const typesOf = (path: string): string[] =>
    [known, seen].flatMap((shape) => (Object.hasOwn(shape, path) ? [...shape[path]!] : [])); // just looked up
  return Object.fromEntries(paths.map((path) => [path, [...new Set(typesOf(path))].sort()]));
}

/** In xml a field may be there several times, which is no list and no other field: `perElement`. */
function look(value: unknown, path: string, depth: number, fields: Map<string, Set<string>>, perElement = false): void {
  if (perElement && Array.isArray(value)) {
    for (const item of value) look(item, path, depth, fields, perElement);
    return;
  }
  if (perElement && value === '') return look(null, path, depth, fields);
  if (path !== '') {
    const types = fields.get(path) ?? new Set();
    if (value !== null) types.add(Array.isArray(value) ? 'list' : typeof value);
    if (fields.size < FIELDS_MAX) fields.set(path, types);
  }
  if (typeof value !== 'object' || value === null || depth === DEPTH_MAX) return;
  if (Array.isArray(value)) for (const item of value) look(item, `${path}[]`, depth + 1, fields, perElement);
  else {
    for (const [name, member] of Object.entries(value)) {
      look(member, path === '' ? name : `${path}.${name}`, depth + 1, fields, perElement);
    }
  }
}

function* recordsOf({ format, payload }: RecordPart): Generator<unknown> {
  const body = Buffer.from(payload);
  if (format === 'csv') {
    const { columns, rows } = frameCsv(body, startOfText(body), true);
    const [first] = rows.starts;
    const isReadable = first !== undefined && Array.isArray(csvFields(body.subarray(first, rows.ends[0])));
    if (isReadable) yield Object.fromEntries(columns.map((column) => [column, '']));
  } else if (format === 'json' || format === 'ndjson') {
    const { count, starts, ends } = frame(body, format);
    for (let at = 0; at < count; at += 1) {
      yield* readable(() => JSON.parse(body.toString('utf8', starts[at], ends[at])) as unknown);
    }
  } else if (format === 'xml') {
    const { count, starts, ends } = frameXml(body, startOfText(body), undefined, true);
    for (let at = 0; at < count; at += 1) yield* readable(() => xmlValue(body.subarray(starts[at], ends[at])));
  }
}

/** What cannot be read has no shape; the normalizer keeps it with its reason. */
function* readable(read: () => unknown): Generator<unknown> {
  try {
    yield read();
  } catch {
    return;
  }
}

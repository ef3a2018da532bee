import { isUtf8 } from 'node:buffer';
import { withinLimit } from '../messages/message-record';

/** An entry as XREADGROUP gives it; no fields for one that was deleted meanwhile. */
export type StreamEntry = readonly [id: Buffer, fields: readonly Buffer[] | null];

const TIME_MAX_MS = 8.64e15;

/**
 * An entry as a record: `id`, `stream`, `time` (of the id, when it is one of Redis' own kind), and `fields`. A field that
 * is there several times has the list of its values; one that is no UTF-8 stands in `base64` instead.
 */
export function entryRecord(stream: string, [id, fields]: StreamEntry): Buffer {
  const ms = Number(id.toString().split('-')[0]);
  const texts = new Map<string, string[]>();
  const bytes = new Map<string, string[]>();
  for (let at = 0; at + 1 < (fields?.length ?? 0); at += 2) {
    const [name, value] = [fields![at]!, fields![at + 1]!]; // both below the length
    const [into, text] = isUtf8(value) ? [texts, value.toString()] : [bytes, value.toString('base64')];
    into.set(name.toString(), [...(into.get(name.toString()) ?? []), text]);
  }
  const record = {
    id: id.toString(),
    stream,
    ...(ms <= TIME_MAX_MS ? { time: new Date(ms).toISOString() } : {}),
    fields: membersOf(texts),
    ...(bytes.size > 0 ? { base64: membersOf(bytes) } : {}),
  };
  return withinLimit(Buffer.from(JSON.stringify(record)), `The entry ${id.toString()} of the stream "${stream}"`);
}

const membersOf = (values: ReadonlyMap<string, readonly string[]>): object =>
  Object.fromEntries([...values].map(([name, list]) => [name, list.length === 1 ? list[0] : list]));

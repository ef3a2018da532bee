import { EventStore } from '#apps/storage/event-store';
import { Column, ColumnBatch } from '#libs/contracts/columns';
import { InstallDataset, InstallRollup } from '#libs/contracts/storage.contract';
import { END, HOSTS, REGIONS, START } from './questions';
import { Row } from './reference';

const ref = { project: 'default', dataset: 'events' };

export const EVENTS: InstallDataset = {
  ...ref,
  time: 'time',
  key: ['id'],
  columns: [
    { name: 'id', type: 'string', nullable: false },
    { name: 'time', type: 'timestamp', nullable: false },
    { name: 'host', type: 'string', nullable: true },
    { name: 'region', type: 'string', nullable: false },
    { name: 'n', type: 'int', nullable: true },
    { name: 'v', type: 'double', nullable: true },
    { name: 'ok', type: 'bool', nullable: true },
    { name: 'seen', type: 'timestamp', nullable: true },
    { name: 'payload', type: 'json', nullable: true },
  ],
};

export const ROLLUPS: InstallRollup[] = [
  {
    ...ref,
    rollup: 'fine',
    bucketMs: 900_000,
    by: ['host', 'region'],
    measures: [
      { name: 'rows', fn: 'count' },
      { name: 'vs', fn: 'count', column: 'v' },
      { name: 'hosts', fn: 'count', column: 'host' },
      { name: 'sum_n', fn: 'sum', column: 'n' },
      { name: 'sum_v', fn: 'sum', column: 'v' },
      { name: 'min_v', fn: 'min', column: 'v' },
      { name: 'max_v', fn: 'max', column: 'v' },
      { name: 'max_n', fn: 'max', column: 'n' },
      { name: 'max_host', fn: 'max', column: 'host' },
      { name: 'min_region', fn: 'min', column: 'region' },
      { name: 'max_seen', fn: 'max', column: 'seen' },
      { name: 'half', fn: 'quantile', column: 'v', q: 0.5 },
      { name: 'last_n', fn: 'last', column: 'n' },
    ],
  },
  {
    ...ref,
    rollup: 'by_region',
    bucketMs: 3_600_000,
    by: ['region'],
    measures: [
      { name: 'rows', fn: 'count' },
      { name: 'vs', fn: 'count', column: 'v' },
      { name: 'sum_v', fn: 'sum', column: 'v' },
      { name: 'max_v', fn: 'max', column: 'v' },
      { name: 'min_region', fn: 'min', column: 'region' },
      { name: 'max_seen', fn: 'max', column: 'seen' },
      { name: 'deviation', fn: 'stddev', column: 'v' },
      { name: 'half', fn: 'quantile', column: 'v', q: 0.5 },
      { name: 'hosts', fn: 'distinct', column: 'host' },
    ],
  },
];

/** Rows whose numbers are quarters, so that every sum is exact; some times are shared, some values are null. */
export function randomEvents(random: () => number, count: number): Row[] {
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!; // below its length
  const maybe = <T>(value: T): T | null => (random() < 0.15 ? null : value);
  const int = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const times = Array.from({ length: Math.ceil(count / 2) }, () => int(START, END - 1));
  return Array.from({ length: count }, (_, at) => ({
    id: `e${String(at).padStart(4, '0')}`,
    time: pick(times),
    host: maybe(pick(HOSTS)),
    region: pick(REGIONS),
    n: maybe(int(-3, 8)),
    v: maybe(int(-8, 40) / 4),
    ok: maybe(random() < 0.5),
    seen: maybe(int(START, END)),
    payload: maybe({
      geo: random() < 0.2 ? null : { country: pick(['de', 'fr', 'e']) },
      size: pick([int(0, 40) / 4, 'unknown', null]),
    }),
  }));
}

export async function appendEvents(events: EventStore, appendId: string, rows: readonly Row[]): Promise<void> {
  await events.append({
    ...ref,
    appendId,
    epoch: 0,
    rows: ColumnBatch.of(
      rows.length,
      EVENTS.columns.map((column) => columnOf(column, rows)),
    ),
  });
}

function columnOf({ name, type }: InstallDataset['columns'][number], rows: readonly Row[]): Column {
  const nulls = Uint8Array.from(rows, (row) => (row[name] === null ? 1 : 0));
  switch (type) {
    case 'string':
      return { name, type, nulls, values: rows.map((row) => String(row[name])) };
    case 'json':
      return { name, type, nulls, values: rows.map((row) => JSON.stringify(row[name])) };
    case 'timestamp':
      return { name, type, nulls, values: BigInt64Array.from(rows, (row) => BigInt(Number(row[name])) * 1_000n) };
    case 'int':
      return { name, type, nulls, values: BigInt64Array.from(rows, (row) => BigInt(Number(row[name]))) };
    case 'double':
      return { name, type, nulls, values: Float64Array.from(rows, (row) => Number(row[name])) };
    case 'bool':
      return { name, type, nulls, values: Uint8Array.from(rows, (row) => (row[name] === true ? 1 : 0)) };
  }
}

import { Column, ColumnBatch, ColumnDef, DatasetRef } from '#libs/contracts/columns';
import { microsOfRfc3339 } from '#libs/calendar/instants';
import { Cell, QUERY_ROWS_MAX, QueryPlan, QueryRows } from '#libs/contracts/query-plan';
import { AppendReceipt, DatasetTotals, InstallDataset } from '#libs/contracts/storage.contract';
import { EventStore } from '../event-store';

/** A row by the names of its columns: timestamps as RFC 3339 text or microseconds, json as its text. */
export type Row = Readonly<Record<string, string | number | bigint | boolean | null | undefined>>;

/** An engine that a suite may ask to come back after a stop. */
export interface Engine {
  readonly store: () => EventStore;
  /** Lets go of everything, and opens the same data again. */
  readonly reopen: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const EVENT_COLUMNS: ColumnDef[] = [
  { name: 'id', type: 'string', nullable: false },
  { name: 'at', type: 'timestamp', nullable: false },
  { name: 'value', type: 'int', nullable: true },
];

let datasets = 0;

/** One dataset of a store, with short ways to fill and to read it. */
export class Trial {
  readonly ref: DatasetRef;
  private appends = 0;

  private constructor(
    private readonly engine: Engine,
    private definition: InstallDataset,
  ) {
    this.ref = { project: definition.project, dataset: definition.dataset };
  }

  /** A dataset of events with `id`, `at` and `value`, or of what is given. */
  static async begin(engine: Engine, given: Partial<InstallDataset> = {}): Promise<Trial> {
    datasets += 1;
    const definition: InstallDataset = {
      project: 'trial',
      dataset: `events_${datasets}`,
      columns: EVENT_COLUMNS,
      time: 'at',
      key: ['id'],
      ...given,
    };
    const trial = new Trial(engine, definition);
    await trial.install({});
    return trial;
  }

  get store(): EventStore {
    return this.engine.store();
  }

  async install(change: Partial<InstallDataset>): Promise<string[]> {
    const definition = { ...this.definition, ...change };
    const { added } = await this.store.installDataset(definition);
    this.definition = definition;
    return added;
  }

  append(rows: readonly Row[], options: { appendId?: string; replaces?: string[] } = {}): Promise<AppendReceipt> {
    this.appends += 1;
    const { appendId = `append-${this.appends}`, replaces } = options;
    const batch = { ...this.ref, appendId, epoch: 1, rows: columnsOf(this.definition.columns, rows) };
    return this.store.append(replaces ? { ...batch, replaces } : batch);
  }

  /** Every row that is there, the given columns or all, in the order of time and key. */
  async rows(columns: string[] = []): Promise<readonly (readonly Cell[])[]> {
    return (await this.query({ columns })).rows;
  }

  query(plan: Partial<QueryPlan>): Promise<QueryRows> {
    const nothing = { measures: [], dimensions: [], columns: [], filters: [], order: [], limit: QUERY_ROWS_MAX };
    return this.store.query({ ...this.ref, ...nothing, ...plan });
  }

  totals(): Promise<DatasetTotals> {
    return this.store.totals(this.ref);
  }

  async rollUp(rollup: string, maxBuckets = 1_000): Promise<void> {
    await this.store.materialize({ ...this.ref, rollup, maxBuckets });
  }
}

export function columnsOf(definitions: readonly ColumnDef[], rows: readonly Row[]): ColumnBatch {
  const columns = definitions.map((definition) => columnOf(definition, rows));
  return ColumnBatch.of(rows.length, columns);
}

function columnOf({ name, type }: ColumnDef, rows: readonly Row[]): Column {
  const values = rows.map((row) => row[name] ?? null);
  const isNull = Uint8Array.from(values, (value) => (value === null ? 1 : 0));
  const nulls = isNull.includes(1) ? { nulls: isNull } : {};
  switch (type) {
    case 'string':
    case 'json':
      return { name, type, ...nulls, values: values.map((value) => (value === null ? '' : String(value))) };
    case 'int':
      return { name, type, ...nulls, values: BigInt64Array.from(values, (value) => BigInt(value ?? 0)) };
    case 'timestamp':
      return { name, type, ...nulls, values: BigInt64Array.from(values, microsOf) };
    case 'double':
      return { name, type, ...nulls, values: Float64Array.from(values, Number) };
    case 'bool':
      return { name, type, ...nulls, values: Uint8Array.from(values, Number) };
  }
}

function microsOf(value: Row[string]): bigint {
  if (typeof value === 'string') {
    const micros = microsOfRfc3339(value);
    if (micros === undefined) throw new RangeError(`"${value}" is not an RFC 3339 time.`);
    return micros;
  }
  return BigInt(value ?? 0);
}

/** What an error says, for a promise that must fail. */
export async function refusal(attempt: Promise<unknown>): Promise<{ code?: string; message: string }> {
  return attempt.then(
    () => ({ message: 'nothing was refused' }),
    (thrown: unknown) => thrown as Error & { code?: string }, // every engine throws errors
  );
}

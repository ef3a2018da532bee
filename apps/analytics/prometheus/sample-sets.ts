import { Injectable } from '@nestjs/common';
import { microsOfRfc3339 } from '#libs/calendar/instants';
import { Labels } from '#libs/contracts/prometheus';
import { FilterNode } from '#libs/contracts/query-filter';
import { Cell, QUERY_ROWS_MAX, QueryPlan, ResultColumn } from '#libs/contracts/query-plan';
import { StorageContract } from '#libs/contracts/storage.contract';
import { NotFound, Unprocessable } from '#libs/errors/errors';
import { textOf } from '#libs/query/cell-order';
import { RE2JS } from 're2js';
import { keyOf, StoredSeries } from './evaluate';
import { Matcher, promProblem } from './promql';

/** How a dataset holds samples. */
interface SampleSet {
  readonly dataset: string;
  readonly time: string;
  readonly name: string;
  readonly value: string;
  /** A json column of labels; without one, every other text column is a label. */
  readonly labels?: string;
  readonly labelColumns: readonly string[];
}

const KNOWN_MAX = 1_000;
const NAMES = ['name', 'metric', '__name__'];
const LABEL = /^[A-Za-z_]\w*$/;

/**
 * The datasets of a project that came as samples: a timestamp (`time`, or the first there is), a text `name`, `metric` or
 * `__name__`, a number `value`, and labels in a json column `labels` or in the other text columns.
 */
@Injectable()
export class SampleSets {
  /** By project and dataset: a dataset's columns are only added to. */
  private readonly known = new Map<string, SampleSet | undefined>();

  constructor(private readonly storage: StorageContract) {}

  /** Every series that fits, with its samples from `fromMs` (exclusive) to `toMs` (inclusive), in the order of time. */
  async series(project: string, matchers: readonly Matcher[], fromMs: number, toMs: number): Promise<StoredSeries[]> {
    const found = new Map<string, { labels: Labels; times: number[]; values: number[] }>();
    const fits = matchers.map(testOf);
    for (const set of await this.sets(project)) {
      for (const { labels, at, value } of await this.samples(project, set, matchers, fromMs, toMs)) {
        const key = keyOf(labels);
        const known = found.get(key);
        if (!known && !fits.every((fit) => fit(labels))) continue;
        const series = known ?? { labels, times: [], values: [] };
        found.set(key, series);
        series.times.push(at);
        series.values.push(value);
      }
    }
    return [...found.values()];
  }

  private async samples(
    project: string,
    set: SampleSet,
    matchers: readonly Matcher[],
    fromMs: number,
    toMs: number,
  ): Promise<{ labels: Labels; at: number; value: number }[]> {
    const columns = [set.time, set.name, set.value, ...(set.labels ? [set.labels] : set.labelColumns)];
    const { rows, truncated } = await this.storage.query({
      ...plain(project, set.dataset, columns, QUERY_ROWS_MAX),
      fromUs: String(BigInt(fromMs) * 1_000n + 1n),
      toUs: String(BigInt(toMs) * 1_000n + 1n),
      filters: filtersOf(set, matchers),
    });
    if (truncated) {
      throw new Unprocessable(
        'promql.too_many_samples',
        `The expression reads more than ${QUERY_ROWS_MAX} samples of "${set.dataset}". Name the metric and its labels, or narrow the range.`,
      );
    }
    return rows.flatMap(([time, name, value, ...labels]) => {
      const micros = microsOfRfc3339(textOf(time));
      if (micros === undefined || typeof value !== 'number') return [];
      return [{ labels: { __name__: textOf(name), ...labelsOf(set, labels) }, at: Number(micros) / 1_000, value }];
    });
  }

  private async sets(project: string): Promise<SampleSet[]> {
    const { tables } = await this.storage.tables({ project });
    const sets: SampleSet[] = [];
    for (const { name } of tables) {
      const key = `${project}/${name}`;
      if (!this.known.has(key)) {
        if (this.known.size >= KNOWN_MAX) this.known.clear();
        this.known.set(key, await this.look(project, name));
      }
      const set = this.known.get(key);
      if (set) sets.push(set);
    }
    return sets;
  }

  private async look(project: string, dataset: string): Promise<SampleSet | undefined> {
    try {
      const { columns } = await this.storage.query(plain(project, dataset, [], 1));
      return sampleSetOf(dataset, columns);
    } catch (thrown) {
      if (thrown instanceof NotFound) return undefined; // a rollup
      throw thrown;
    }
  }
}

/** How these columns hold samples; undefined when they do not. */
export function sampleSetOf(dataset: string, columns: readonly ResultColumn[]): SampleSet | undefined {
  const named = (name: string, ...types: ResultColumn['type'][]): string | undefined =>
    columns.find((one) => one.name === name && types.includes(one.type))?.name;
  const time = named('time', 'timestamp') ?? columns.find(({ type }) => type === 'timestamp')?.name;
  const name = NAMES.map((one) => named(one, 'string')).find((one) => one !== undefined);
  const value = named('value', 'double', 'int');
  if (time === undefined || name === undefined || value === undefined) return undefined;
  const labels = named('labels', 'json');
  const labelColumns = columns.filter((one) => one.type === 'string' && one.name !== name).map((one) => one.name);
  return { dataset, time, name, value, ...(labels === undefined ? {} : { labels }), labelColumns };
}

function labelsOf({ labels, labelColumns }: SampleSet, cells: readonly Cell[]): Labels {
  const pairs =
    labels === undefined
      ? labelColumns.map((name, at): [string, Cell] => [name, cells[at] ?? null])
      : entriesOf(cells[0]);
  return Object.fromEntries(
    pairs
      .filter(([name, cell]) => cell !== null && cell !== '' && name !== '__name__')
      .map(([name, cell]) => [name, textOf(cell)]),
  );
}

const entriesOf = (cell: Cell | undefined): [string, Cell][] =>
  typeof cell === 'object' && cell !== null ? (Object.entries(cell) as [string, Cell][]) : []; // parsed JSON

/** What the engine can leave out by itself: equal names and labels. The rest is decided on the series. */
function filtersOf(set: SampleSet, matchers: readonly Matcher[]): FilterNode[] {
  return matchers.flatMap(({ label, op, value }): FilterNode[] => {
    if (op !== '=' || value === '') return [];
    if (label === '__name__') return [{ column: set.name, op: 'eq', value }];
    if (!LABEL.test(label)) return [];
    if (set.labels !== undefined) return [{ column: `${set.labels}.${label}`, op: 'eq', value }];
    return set.labelColumns.includes(label) ? [{ column: label, op: 'eq', value }] : [];
  });
}

/** A label that a series lacks is an empty text. */
function testOf({ label, op, value }: Matcher): (labels: Labels) => boolean {
  if (op === '=') return (labels) => (labels[label] ?? '') === value;
  if (op === '!=') return (labels) => (labels[label] ?? '') !== value;
  const pattern = patternOf(value);
  return (labels) => pattern.matcher(labels[label] ?? '').find() === (op === '=~');
}

function patternOf(text: string): RE2JS {
  try {
    return RE2JS.compile(`^(?:${text})$`, RE2JS.DOTALL);
  } catch (thrown) {
    throw promProblem(`"${text}" is not an RE2 pattern: ${thrown instanceof Error ? thrown.message : ''}`);
  }
}

const plain = (project: string, dataset: string, columns: string[], limit: number): QueryPlan => ({
  project,
  dataset,
  measures: [],
  dimensions: [],
  columns,
  filters: [],
  order: [],
  limit,
});

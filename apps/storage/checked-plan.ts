import { ColumnDef } from '#libs/contracts/columns';
import { FilterOperator, FilterValue, PlanMeasure, QueryPlan, ResultColumn } from '#libs/contracts/query-plan';
import { nearest } from '#libs/documents/nearest';
import { ColumnType } from '#libs/documents/store';
import { FieldProblem, Unprocessable } from '#libs/errors/errors';
import {
  BUCKET,
  columnNamed,
  Dataset,
  measureProblem,
  measureType,
  Rollup,
  rollupAsDataset,
  sameMeasure,
  unknownColumn,
} from './dataset';
import { microsOfRfc3339 } from './instants';

/** A value to compare with, in the form its column's type has in an engine; timestamps in microseconds. */
export type ComparedValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int' | 'timestamp'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean };

export interface CheckedFilter {
  readonly column: string;
  readonly op: FilterOperator;
  /** One value for a comparison, several for `in`, none for a test on null. */
  readonly values: readonly ComparedValue[];
}

export interface CheckedOrder {
  readonly by: string;
  readonly descending: boolean;
}

/** A plan that fits its dataset; an engine has nothing left to refuse. */
export interface CheckedPlan {
  readonly dataset: Dataset;
  readonly shape:
    | { readonly kind: 'rows' }
    | { readonly kind: 'rollup'; readonly rollup: Rollup; readonly asDataset: Dataset }
    | {
        readonly kind: 'groups';
        readonly bucketUs?: bigint;
        readonly dimensions: readonly string[];
        readonly measures: readonly PlanMeasure[];
      };
  readonly columns: readonly ResultColumn[];
  readonly fromUs?: bigint;
  readonly toUs?: bigint;
  readonly filters: readonly CheckedFilter[];
  /** Complete: what the caller asked, then what makes the order of an answer certain. */
  readonly order: readonly CheckedOrder[];
  readonly limit: number;
}

const FILTER_VALUES_MAX = 1_000;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/**
 * Checks a plan against the dataset (and rollup) it names, before any SQL is built. Throws Unprocessable `query.invalid`
 * that names every offending field, with the nearest name where one is unknown.
 */
export function checkPlan(plan: QueryPlan, dataset: Dataset, rollup?: Rollup): CheckedPlan {
  const check = new PlanCheck(plan, dataset, rollup);
  const checked = check.run();
  if (check.fields.length > 0) {
    throw new Unprocessable('query.invalid', `${check.fields[0]?.path}: ${check.fields[0]?.message}`, {
      fields: check.fields,
    });
  }
  return checked;
}

class PlanCheck {
  readonly fields: FieldProblem[] = [];
  /** What filters and plain columns refer to: the dataset, or the rollup seen as one. */
  private readonly source: Dataset;

  constructor(
    private readonly plan: QueryPlan,
    private readonly dataset: Dataset,
    private readonly rollup: Rollup | undefined,
  ) {
    this.source = rollup ? rollupAsDataset(dataset, rollup) : dataset;
  }

  run(): CheckedPlan {
    const { plan, dataset } = this;
    const shape = this.shape();
    const columns = shape.kind === 'groups' ? this.groupColumns(shape) : this.plainColumns();
    return {
      dataset,
      shape,
      columns,
      fromUs: this.micros('fromUs', plan.fromUs),
      toUs: this.micros('toUs', plan.toUs),
      filters: plan.filters.map((filter, at) => this.filter(filter, `filters[${at}]`)),
      order: this.order(shape, columns),
      limit: plan.limit,
    };
  }

  private shape(): CheckedPlan['shape'] {
    const { plan, rollup } = this;
    if (rollup) {
      this.refuseAnotherGrouping(rollup);
      return { kind: 'rollup', rollup, asDataset: this.source };
    }
    if (plan.measures.length === 0) {
      if (plan.bucketMs !== undefined) this.refuse('bucketMs', 'A bucket needs measures; add one, as in count().');
      if (plan.dimensions.length > 0) this.refuse('dimensions', 'Dimensions need measures; add one, as in count().');
      return { kind: 'rows' };
    }
    if (plan.columns.length > 0) this.refuse('columns', 'Plain columns and measures do not go together.');
    return {
      kind: 'groups',
      ...(plan.bucketMs === undefined ? {} : { bucketUs: BigInt(plan.bucketMs) * 1_000n }),
      dimensions: plan.dimensions,
      measures: plan.measures,
    };
  }

  /** A rollup's rows are read as they are: grouping them once more would need measures that merge. */
  private refuseAnotherGrouping(rollup: Rollup): void {
    const { bucketMs, dimensions, measures } = this.plan;
    const instead = `Leave it out, or query the dataset "${this.dataset.dataset}" instead.`;
    if (bucketMs !== undefined && bucketMs !== rollup.bucketMs) {
      this.refuse('bucketMs', `Rollup "${rollup.name}" has buckets of ${rollup.bucketMs} ms. ${instead}`);
    }
    const sameDimensions =
      dimensions.length === rollup.by.length && dimensions.every((name) => rollup.by.includes(name));
    if (dimensions.length > 0 && !sameDimensions) {
      this.refuse(
        'dimensions',
        `Rollup "${rollup.name}" is grouped by ${rollup.by.join(', ') || 'nothing'}. ${instead}`,
      );
    }
    measures.forEach((measure, at) => {
      if (!rollup.measures.some((known) => sameMeasure(known, measure))) {
        this.refuse(`measures[${at}]`, `Rollup "${rollup.name}" does not hold "${measure.name}" so. ${instead}`);
      }
    });
  }

  private groupColumns(shape: CheckedPlan['shape'] & { kind: 'groups' }): ResultColumn[] {
    const columns: ResultColumn[] = shape.bucketUs === undefined ? [] : [{ name: BUCKET, type: 'timestamp' }];
    const add = (path: string, name: string, type: ColumnType): void => {
      if (columns.some((column) => column.name.toLowerCase() === name.toLowerCase())) {
        this.refuse(path, `"${name}" is in the answer already.`);
      }
      columns.push({ name, type });
    };
    shape.dimensions.forEach((name, at) => {
      const column = this.column(`dimensions[${at}]`, name);
      if (column?.type === 'json') this.refuse(`dimensions[${at}]`, `"${name}" is json: nothing groups by it.`);
      add(`dimensions[${at}]`, name, column?.type ?? 'string');
    });
    shape.measures.forEach((measure, at) => {
      const problem = measureProblem(this.dataset, measure);
      if (problem) this.refuse(`measures[${at}]`, problem);
      add(`measures[${at}]`, measure.name, measureType(this.dataset, measure));
    });
    return columns;
  }

  private plainColumns(): ResultColumn[] {
    const { plan, source } = this;
    if (plan.columns.length === 0) return source.columns.map(({ name, type }) => ({ name, type }));
    const seen = new Set<string>();
    return plan.columns.map((name, at) => {
      if (seen.has(name)) this.refuse(`columns[${at}]`, `"${name}" is there twice.`);
      seen.add(name);
      return { name, type: this.column(`columns[${at}]`, name)?.type ?? 'string' };
    });
  }

  private order(shape: CheckedPlan['shape'], columns: readonly ResultColumn[]): CheckedOrder[] {
    const { source } = this;
    const sortable = shape.kind === 'groups' ? columns : source.columns;
    const asked = this.plan.order.map(({ by, descending }, at) => {
      const column = sortable.find(({ name }) => name === by);
      if (!column) this.refuse(`order[${at}].by`, notAmong(by, sortable));
      else if (column.type === 'json') this.refuse(`order[${at}].by`, `"${by}" is json: it has no order.`);
      return { by, descending };
    });
    const certain =
      shape.kind === 'groups'
        ? [...(shape.bucketUs === undefined ? [] : [BUCKET]), ...shape.dimensions]
        : [source.time, ...source.key];
    const more = certain.filter((name) => !asked.some(({ by }) => by === name));
    return [...asked, ...more.map((by) => ({ by, descending: false }))];
  }

  private filter({ column: name, op, value }: QueryPlan['filters'][number], path: string): CheckedFilter {
    const column = this.column(`${path}.column`, name);
    const nothing = { column: name, op, values: [] };
    if (op === 'is_null' || op === 'is_not_null') {
      if (value !== undefined) this.refuse(`${path}.value`, `${op} takes no value.`);
      return nothing;
    }
    if (!column) return nothing;
    if (column.type === 'json') {
      this.refuse(`${path}.op`, `"${name}" is json: it can only be tested with is_null and is_not_null.`);
      return nothing;
    }
    const given = listOf(value);
    if ((op === 'in') !== Array.isArray(value) || given.length === 0 || given.length > FILTER_VALUES_MAX) {
      const needs = op === 'in' ? `a list of 1 to ${FILTER_VALUES_MAX} values` : 'one value';
      this.refuse(`${path}.value`, `${op} needs ${needs}.`);
      return nothing;
    }
    const values = given.map((each) => compared(column.type, each));
    if (values.some((each) => each === undefined)) {
      this.refuse(`${path}.value`, `"${name}" is ${column.type}: write ${EXAMPLES[column.type]}.`);
    }
    return { column: name, op, values: values.filter((each) => each !== undefined) };
  }

  private micros(path: 'fromUs' | 'toUs', text: string | undefined): bigint | undefined {
    if (text === undefined) return undefined;
    if (/^-?\d{1,18}$/.test(text)) return BigInt(text);
    this.refuse(path, 'Write microseconds since 1970 as decimal text.');
    return undefined;
  }

  private column(path: string, name: string): ColumnDef | undefined {
    const column = columnNamed(this.source, name);
    if (!column) this.refuse(path, unknownColumn(this.source, name));
    return column;
  }

  private refuse(path: string, message: string): void {
    this.fields.push({ path, message });
  }
}

const EXAMPLES: Readonly<Record<ColumnType, string>> = {
  string: 'a text',
  json: 'nothing',
  int: 'a whole number (one beyond 2^53 as text)',
  double: 'a number',
  bool: 'true or false',
  timestamp: 'an RFC 3339 time like 2018-02-01T00:00:00Z',
};

/** The value in the column's type; undefined when it does not fit. */
function compared(type: ColumnType, value: FilterValue): ComparedValue | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? { type, value } : undefined;
    case 'bool':
      return typeof value === 'boolean' ? { type, value } : undefined;
    case 'double':
      return typeof value === 'number' && Number.isFinite(value) ? { type, value } : undefined;
    case 'timestamp': {
      const micros = typeof value === 'string' ? microsOfRfc3339(value) : undefined;
      return micros === undefined ? undefined : { type, value: micros };
    }
    case 'int': {
      const whole = typeof value === 'number' ? Number.isSafeInteger(value) : /^-?\d{1,19}$/.test(String(value));
      const int = whole && typeof value !== 'boolean' ? BigInt(value) : undefined;
      return int !== undefined && int >= INT64_MIN && int <= INT64_MAX ? { type, value: int } : undefined;
    }
    case 'json':
      return undefined;
  }
}

function listOf(value: FilterValue | readonly FilterValue[] | undefined): readonly FilterValue[] {
  if (value === undefined) return [];
  return typeof value === 'object' ? value : [value];
}

function notAmong(name: string, columns: readonly ResultColumn[]): string {
  const near = nearest(
    name,
    columns.map((column) => column.name),
  );
  return `"${name}" is not among what can be ordered by (${columns.map((column) => column.name).join(', ')}).${
    near === undefined ? '' : ` Did you mean "${near}"?`
  }`;
}

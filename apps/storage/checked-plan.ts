import { BUCKET_UNITS } from '#libs/documents/bucket-units';
import { Bucket } from '#libs/calendar/bucket';
import { isZone } from '#libs/calendar/zone';
import { OTHER, PlanBucket, PlanMeasure, QueryPlan, ResultColumn, RowsPlan } from '#libs/contracts/query-plan';
import { nearest } from '#libs/documents/nearest';
import { ColumnType } from '#libs/documents/store';
import { FieldProblem, Unprocessable } from '#libs/errors/errors';
import { CheckedFilter, compared, ComparedValue, FieldLookup, FilterCheck } from '#libs/query/checked-filter';
import { Dataset, unknownColumn } from './dataset';
import { asNumber, Field } from '#libs/query/field';
import { fieldNamed } from './field';
import { measureProblem, measureType } from './measures';
import { behindPosition, positionOf } from './row-position';
import { BUCKET, Rollup, rollupAsDataset, sameMeasure } from './rollup';

export interface CheckedMeasure {
  readonly name: string;
  readonly fn: PlanMeasure['fn'];
  /** None for `count` of rows. */
  readonly field?: Field;
  readonly q?: number;
  readonly type: ColumnType;
}

/** The groups that an answer tells apart, a value for each dimension; the others are one (`fold`) or left out. */
export interface KeptGroups {
  readonly groups: readonly (readonly (ComparedValue | null)[])[];
  readonly fold: boolean;
}

export interface CheckedOrder {
  readonly by: string;
  readonly descending: boolean;
}

export interface GroupsShape {
  readonly kind: 'groups';
  readonly bucket?: Bucket;
  readonly dimensions: readonly Field[];
  readonly measures: readonly CheckedMeasure[];
  readonly kept?: KeptGroups;
}

/** A plan that fits its dataset; an engine has nothing left to refuse. */
export interface CheckedPlan {
  readonly dataset: Dataset;
  readonly shape:
    | { readonly kind: 'rows'; readonly fields: readonly Field[] }
    | {
        readonly kind: 'rollup';
        readonly rollup: Rollup;
        readonly asDataset: Dataset;
        readonly fields: readonly Field[];
      }
    | GroupsShape;
  readonly columns: readonly ResultColumn[];
  readonly fromUs?: bigint;
  readonly toUs?: bigint;
  readonly filters: readonly CheckedFilter[];
  /** On columns of the answer. */
  readonly having: readonly CheckedFilter[];
  /** Complete: what the caller asked, then what makes the order of an answer certain. Nulls come last. */
  readonly order: readonly CheckedOrder[];
  /** All rows where there is none. */
  readonly limit?: number;
  /** Of a page: time and key, which each row tells behind the answer's columns. */
  readonly position: readonly ResultColumn[];
}

/** A plan of either kind. */
type AnyPlan = RowsPlan & Partial<Pick<QueryPlan, 'limit' | 'page'>>;

/**
 * Checks a plan against the dataset (and rollup) it names, before any SQL is built. Throws Unprocessable `query.invalid`
 * that names every offending field, with the nearest name where one is unknown.
 */
export function checkPlan(plan: AnyPlan, dataset: Dataset, rollup?: Rollup): CheckedPlan {
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
    private readonly plan: AnyPlan,
    private readonly dataset: Dataset,
    private readonly rollup: Rollup | undefined,
  ) {
    this.source = rollup ? rollupAsDataset(dataset, rollup) : dataset;
  }

  run(): CheckedPlan {
    const { plan, dataset } = this;
    const shape = this.shape();
    const columns = shape.kind === 'groups' ? this.groupColumns(shape) : shape.fields.map(columnOf);
    const refuse = (path: string, message: string): void => this.refuse(path, message);
    if (plan.having?.length && shape.kind !== 'groups') this.refuse('having', 'Plain rows take "filters" alone.');
    return {
      dataset,
      shape,
      columns,
      fromUs: this.micros('fromUs', plan.fromUs),
      toUs: this.micros('toUs', plan.toUs),
      filters: [
        ...new FilterCheck((path, name) => this.field(path, name), refuse).all(plan.filters, 'filters'),
        ...this.behind(shape),
      ],
      having: new FilterCheck(this.answerColumn(columns), refuse).all(plan.having ?? [], 'having'),
      order: this.order(shape, columns),
      limit: plan.limit,
      position: plan.page ? positionOf(dataset) : [],
    };
  }

  private behind(shape: CheckedPlan['shape']): CheckedFilter[] {
    const { page, order } = this.plan;
    if (!page) return [];
    if (shape.kind !== 'rows' || order.length > 0) {
      this.refuse('page', 'Pages are of the plain rows of a dataset, in the order of time and key.');
      return [];
    }
    if (!page.after) return [];
    const filter = behindPosition(positionOf(this.dataset), page.after);
    if (!filter) this.refuse('page.after', 'This is no place among the rows of the dataset.');
    return filter ? [filter] : [];
  }

  private shape(): CheckedPlan['shape'] {
    const { plan, rollup } = this;
    if (plan.groups && (rollup || plan.measures.length === 0)) this.refuse('groups', 'Groups need measures.');
    if (rollup) {
      this.refuseAnotherGrouping(rollup);
      return { kind: 'rollup', rollup, asDataset: this.source, fields: this.plainFields() };
    }
    if (plan.measures.length === 0) {
      if (plan.bucket !== undefined) this.refuse('bucket', 'A bucket needs measures; add one, as in count().');
      if (plan.dimensions.length > 0) this.refuse('dimensions', 'Dimensions need measures; add one, as in count().');
      return { kind: 'rows', fields: this.plainFields() };
    }
    if (plan.columns.length > 0) this.refuse('columns', 'Plain columns and measures do not go together.');
    const dimensions = plan.dimensions.map((name, at) => this.dimension(name, `dimensions[${at}]`));
    return {
      kind: 'groups',
      bucket: this.bucket(),
      dimensions,
      measures: plan.measures.map((measure, at) => this.measure(measure, `measures[${at}]`)),
      kept: this.keptGroups(dimensions),
    };
  }

  /** A rollup's rows are read as they are: grouping them once more would need measures that merge. */
  private refuseAnotherGrouping(rollup: Rollup): void {
    const { bucket, dimensions, measures } = this.plan;
    const instead = `Leave it out, or query the dataset "${this.dataset.dataset}" instead.`;
    if (bucket !== undefined && !isBucketOf(rollup, bucket)) {
      const own = 'unit' in rollup ? `a ${rollup.unit} of ${rollup.zone}` : `${rollup.bucketMs} ms`;
      this.refuse('bucket', `Rollup "${rollup.name}" has buckets of ${own}. ${instead}`);
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

  private bucket(): Bucket | undefined {
    const { bucket } = this.plan;
    if (!bucket) return undefined;
    const { widthMs, unit, zone = 'UTC' } = bucket;
    if ((widthMs === undefined) === (unit === undefined)) {
      this.refuse('bucket', `A bucket has either a width or a unit (${BUCKET_UNITS.join(', ')}).`);
    }
    if (!isZone(zone)) this.refuse('bucket.zone', `"${zone}" is not a time zone like Europe/Berlin.`);
    else if (unit !== undefined) return { kind: 'calendar', unit, zone };
    return { kind: 'fixed', widthUs: BigInt(widthMs ?? 1_000) * 1_000n };
  }

  private dimension(name: string, path: string): Field {
    const field = this.field(path, name) ?? { name, column: name, type: 'string' };
    if (field.type === 'json') this.refuse(path, `"${name}" is json: group by a path in it, as in ${name}.member.`);
    return field;
  }

  private measure({ name, fn, column, q }: PlanMeasure, path: string): CheckedMeasure {
    const found = column === undefined ? undefined : fieldNamed(this.dataset, column);
    const field = found && NUMERIC.has(fn) ? asNumber(found) : found;
    const problem = measureProblem({ fn, column, q, type: field?.type }, this.dataset);
    if (problem !== undefined) this.refuse(path, problem);
    return { name, fn, field, q, type: measureType(fn, field?.type) };
  }

  private keptGroups(dimensions: readonly Field[]): KeptGroups | undefined {
    const { groups } = this.plan;
    if (!groups) return undefined;
    const values = groups.groups.map((group, at) => {
      if (group.length !== dimensions.length) this.refuse(`groups.groups[${at}]`, 'A group has a value a dimension.');
      return group.map((value, position) => {
        if (value === null) return null;
        const type = dimensions[position]?.type ?? 'string';
        const fits = compared(type, value);
        if (!fits) this.refuse(`groups.groups[${at}][${position}]`, `This dimension is ${type}.`);
        return fits ?? null;
      });
    });
    return { groups: values, fold: groups.fold };
  }

  private groupColumns({ bucket, dimensions, measures, kept }: GroupsShape): ResultColumn[] {
    const columns: ResultColumn[] = bucket === undefined ? [] : [{ name: BUCKET, type: 'timestamp' }];
    const add = (path: string, name: string, type: ColumnType): void => {
      if (columns.some((column) => column.name.toLowerCase() === name.toLowerCase())) {
        this.refuse(path, `"${name}" is in the answer already.`);
      }
      columns.push({ name, type });
    };
    dimensions.forEach(({ name, type }, at) => add(`dimensions[${at}]`, name, type));
    if (kept?.fold) add('groups', OTHER, 'bool');
    measures.forEach(({ name, type }, at) => add(`measures[${at}]`, name, type));
    return columns;
  }

  private plainFields(): Field[] {
    const { plan, source } = this;
    if (plan.columns.length === 0) return source.columns.map(({ name, type }) => ({ name, column: name, type }));
    const seen = new Set<string>();
    return plan.columns.flatMap((name, at) => {
      if (seen.has(name)) this.refuse(`columns[${at}]`, `"${name}" is there twice.`);
      seen.add(name);
      return this.field(`columns[${at}]`, name) ?? [];
    });
  }

  private order(shape: CheckedPlan['shape'], columns: readonly ResultColumn[]): CheckedOrder[] {
    const { source } = this;
    const sortable = shape.kind === 'groups' ? columns : [...source.columns, ...columns];
    const asked = this.plan.order.map(({ by, descending }, at) => {
      const column = sortable.find(({ name }) => name === by);
      if (!column) this.refuse(`order[${at}].by`, notAmong(by, sortable));
      else if (column.type === 'json') this.refuse(`order[${at}].by`, `"${by}" is json: it has no order.`);
      return { by, descending };
    });
    if (this.plan.limit === undefined && shape.kind === 'rows' && asked.length === 0) return [];
    const certain =
      shape.kind === 'groups'
        ? [
            ...(shape.bucket === undefined ? [] : [BUCKET]),
            ...shape.dimensions.map(({ name }) => name),
            ...(shape.kept?.fold ? [OTHER] : []),
          ]
        : [source.time, ...source.key];
    const more = certain.filter((name) => !asked.some(({ by }) => by === name));
    return [...asked, ...more.map((by) => ({ by, descending: false }))];
  }

  private answerColumn(columns: readonly ResultColumn[]): FieldLookup {
    return (path, name) => {
      const column = columns.find((one) => one.name === name);
      if (!column) this.refuse(path, notAmong(name, columns));
      return column && { name, column: name, type: column.type };
    };
  }

  private micros(path: 'fromUs' | 'toUs', text: string | undefined): bigint | undefined {
    if (text === undefined) return undefined;
    if (/^-?\d{1,18}$/.test(text)) return BigInt(text);
    this.refuse(path, 'Write microseconds since 1970 as decimal text.');
    return undefined;
  }

  private field(path: string, name: string): Field | undefined {
    const field = fieldNamed(this.source, name);
    if (!field) this.refuse(path, unknownColumn(this.source, name));
    return field;
  }

  private refuse(path: string, message: string): void {
    this.fields.push({ path, message });
  }
}

const NUMERIC: ReadonlySet<PlanMeasure['fn']> = new Set([
  'sum',
  'avg',
  'stddev',
  'quantile',
  'min',
  'max',
  'first',
  'last',
]);

const columnOf = ({ name, type }: Field): ResultColumn => ({ name, type });

function notAmong(name: string, columns: readonly ResultColumn[]): string {
  const near = nearest(
    name,
    columns.map((column) => column.name),
  );
  return `"${name}" is not among the columns that are there (${columns.map((column) => column.name).join(', ')}).${
    near === undefined ? '' : ` Did you mean "${near}"?`
  }`;
}

const isBucketOf = (rollup: Rollup, { widthMs, unit, zone = 'UTC' }: PlanBucket): boolean =>
  'unit' in rollup ? unit === rollup.unit && zone === rollup.zone : widthMs === rollup.bucketMs;

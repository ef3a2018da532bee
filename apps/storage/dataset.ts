import { ColumnDef, DatasetRef } from '#libs/contracts/columns';
import { PlanMeasure } from '#libs/contracts/query-plan';
import { DatasetProblems, InstallDataset, InstallRollup } from '#libs/contracts/storage.contract';
import { nearest } from '#libs/documents/nearest';
import { ColumnType, RESERVED_COLUMNS } from '#libs/documents/store';
import { Identity, identityInWords, identityOf, identityProblems, sameIdentity } from './identity';
import { ChartlyError, Conflict, FieldProblem, Unprocessable } from '#libs/errors/errors';

export interface Dataset {
  readonly project: string;
  readonly dataset: string;
  /** In the order in which they came. */
  readonly columns: readonly ColumnDef[];
  readonly time: string;
  readonly key: readonly string[];
  readonly identity: Identity;
  /** 1 for the first form; grows by one with each change of the columns. */
  readonly schemaVersion: number;
}

export interface Rollup {
  readonly name: string;
  readonly bucketMs: number;
  readonly by: readonly string[];
  readonly measures: readonly PlanMeasure[];
}

/** The name of the column that holds a bucket's start. */
export const BUCKET = 'bucket';

// Names become identifiers of an engine, so what no engine and no person can read is kept out.
const UNREADABLE = /[\p{Cc}\p{Cs}]/u;

/** What a definition makes of a dataset. */
export interface Evolution {
  readonly dataset: Dataset;
  readonly added: readonly ColumnDef[];
  /** Columns of ints that hold doubles from now on. */
  readonly widened: readonly ColumnDef[];
}

/**
 * What the dataset becomes when `request` is applied to it: `existing` itself when nothing changes. A required column
 * that the request no longer names stays and may be null from then on; an int may become a double. Throws Unprocessable `dataset.invalid` for a
 * definition that fits no dataset, Conflict `dataset.incompatible` for one that this dataset cannot become.
 */
export function evolve(existing: Dataset | undefined, request: InstallDataset, hasRows: boolean): Evolution {
  refuseInvalid(request);
  const asked = request.columns.map(({ name, type, nullable }) => ({ name, type, nullable }));
  if (!existing) {
    const { project, dataset, time, key } = request;
    const identity = identityOf(request);
    return {
      dataset: { project, dataset, columns: asked, time, key: [...key], identity, schemaVersion: 1 },
      added: asked,
      widened: [],
    };
  }
  refuseIncompatible(existing, request, hasRows);
  const kept = existing.columns.map((column) => ({
    ...column,
    type: widerType(column.type, asked.find(({ name }) => name === column.name)?.type),
    nullable: column.nullable || !isRequired(asked, column.name),
  }));
  const added = asked.filter(({ name }) => !existing.columns.some((column) => column.name === name));
  const widened = kept.filter(({ type }, at) => type !== existing.columns[at]?.type);
  const relaxed = kept.some(({ nullable }, at) => nullable !== existing.columns[at]?.nullable);
  if (added.length === 0 && widened.length === 0 && !relaxed) return { dataset: existing, added, widened };
  return {
    dataset: { ...existing, columns: [...kept, ...added], schemaVersion: existing.schemaVersion + 1 },
    added,
    widened,
  };
}

/** What {@link evolve} would refuse, in sentences. */
export function problemsOf(existing: Dataset | undefined, request: InstallDataset, hasRows: boolean): DatasetProblems {
  try {
    evolve(existing, request, hasRows);
    return { problems: [] };
  } catch (thrown) {
    if (thrown instanceof ChartlyError) return { problems: [thrown.message] };
    throw thrown;
  }
}

/** Whether both say the same; a rollup that changed starts anew. */
export function sameRollup(one: Rollup, other: Rollup): boolean {
  return (
    one.bucketMs === other.bucketMs &&
    one.by.length === other.by.length &&
    one.by.every((name, at) => name === other.by[at]) &&
    one.measures.length === other.measures.length &&
    one.measures.every((measure, at) => sameMeasure(measure, other.measures[at]))
  );
}

export const sameMeasure = (one: PlanMeasure, other: PlanMeasure | undefined): boolean =>
  one.name === other?.name && one.fn === other.fn && one.column === other.column && one.q === other.q;

/** The rollup as it is kept. Throws Unprocessable `rollup.invalid` naming each offending place. */
export function rollupOf(dataset: Dataset, request: InstallRollup): Rollup {
  const fields: FieldProblem[] = [];
  const taken = new Set([BUCKET]);
  request.by.forEach((name, at) => {
    const column = columnNamed(dataset, name);
    if (!column) fields.push({ path: `by[${at}]`, message: unknownColumn(dataset, name) });
    else if (column.type === 'json')
      fields.push({ path: `by[${at}]`, message: `"${name}" is json: nothing groups by it.` });
    if (taken.has(fold(name))) fields.push({ path: `by[${at}]`, message: `"${name}" is taken already.` });
    taken.add(fold(name));
  });
  request.measures.forEach((measure, at) => {
    const problem = measureProblem(dataset, measure);
    if (problem) fields.push({ path: `measures[${at}]`, message: problem });
    if (taken.has(fold(measure.name)))
      fields.push({ path: `measures[${at}].name`, message: `"${measure.name}" is taken already.` });
    if (!isReadable(measure.name))
      fields.push({ path: `measures[${at}].name`, message: 'A measure needs a readable name.' });
    taken.add(fold(measure.name));
  });
  if (fields.length > 0) {
    throw new Unprocessable('rollup.invalid', `Rollup "${request.rollup}": ${fields[0]?.message}`, { fields });
  }
  return {
    name: request.rollup,
    bucketMs: request.bucketMs,
    by: [...request.by],
    measures: request.measures.map(({ name, fn, column, q }) => ({
      name,
      fn,
      ...(column === undefined ? {} : { column }),
      ...(q === undefined ? {} : { q }),
    })),
  };
}

/** A rollup seen as a dataset of its own: bucket, groups, measures; one row a bucket and group. */
export function rollupAsDataset(dataset: Dataset, rollup: Rollup): Dataset {
  const groups = rollup.by.map((name) => columnNamed(dataset, name)).filter((column) => column !== undefined);
  return {
    project: dataset.project,
    dataset: rollup.name,
    columns: [
      { name: BUCKET, type: 'timestamp', nullable: false },
      ...groups,
      ...rollup.measures.map((measure) => ({
        name: measure.name,
        type: measureType(dataset, measure),
        nullable: true,
      })),
    ],
    time: BUCKET,
    key: rollup.by,
    identity: { by: 'time' },
    schemaVersion: 1,
  };
}

export const columnNamed = (dataset: Dataset, name: string): ColumnDef | undefined =>
  dataset.columns.find((column) => column.name === name);

/** `count` and `distinct` are ints, `avg` and `quantile` doubles, the others what their column is. */
export function measureType(dataset: Dataset, { fn, column }: PlanMeasure): ColumnType {
  if (fn === 'count' || fn === 'distinct') return 'int';
  if (fn === 'avg' || fn === 'quantile') return 'double';
  return (column === undefined ? undefined : columnNamed(dataset, column)?.type) ?? 'int';
}

/** The sentence that says what is wrong with a measure over this dataset, when something is. */
export function measureProblem(dataset: Dataset, { fn, column: name, q }: PlanMeasure): string | undefined {
  if (name === undefined) return fn === 'count' ? undefined : `${fn} needs a column.`;
  const column = columnNamed(dataset, name);
  if (!column) return unknownColumn(dataset, name);
  const numeric = column.type === 'int' || column.type === 'double';
  if ((fn === 'sum' || fn === 'avg' || fn === 'quantile') && !numeric) {
    return `${fn} needs an int or double; "${name}" is ${column.type}.`;
  }
  if (fn !== 'count' && column.type === 'json') return `"${name}" is json: it can only be counted.`;
  if (fn === 'quantile' && !(typeof q === 'number' && q >= 0 && q <= 1)) {
    return 'quantile needs a fraction q between 0 and 1.';
  }
  return undefined;
}

export function unknownColumn(dataset: Dataset, name: string): string {
  const names = dataset.columns.map((column) => column.name);
  const near = nearest(name, names);
  return near === undefined
    ? `There is no column "${name}"; there are ${names.slice(0, 20).join(', ')}.`
    : `There is no column "${name}". Did you mean "${near}"?`;
}

export const qualifiedName = ({ project, dataset }: DatasetRef): string => `${project}/${dataset}`;

const fold = (name: string): string => name.toLowerCase();
const isReadable = (name: string): boolean => name.trim() !== '' && !UNREADABLE.test(name);
const widerType = (held: ColumnType, asked: ColumnType | undefined): ColumnType =>
  held === 'int' && asked === 'double' ? 'double' : held;
const isRequired = (columns: readonly ColumnDef[], name: string): boolean =>
  columns.some((column) => column.name === name && !column.nullable);

function refuseInvalid(request: InstallDataset): void {
  const { dataset, columns, time, key } = request;
  const fields: FieldProblem[] = [];
  const seen = new Set<string>();
  columns.forEach(({ name }, at) => {
    if (!isReadable(name)) fields.push({ path: `columns[${at}].name`, message: 'A column needs a readable name.' });
    if (seen.has(fold(name))) {
      fields.push({
        path: `columns[${at}].name`,
        message: `"${name}" is there twice (case does not tell names apart).`,
      });
    }
    if (RESERVED_COLUMNS.has(fold(name))) {
      fields.push({ path: `columns[${at}].name`, message: `"${name}" is a name that storage keeps for itself.` });
    }
    seen.add(fold(name));
  });
  fields.push(...identityProblems(request));
  const timeColumn = columns.find(({ name }) => name === time);
  if (timeColumn?.type !== 'timestamp' || timeColumn.nullable) {
    fields.push({ path: 'time', message: `"${time}" must be a timestamp column that is never null.` });
  }
  key.forEach((name, at) => {
    const column = columns.find((candidate) => candidate.name === name);
    if (!column || column.nullable || column.type === 'json') {
      fields.push({ path: `key[${at}]`, message: `"${name}" must be a column that is never null, and not json.` });
    }
  });
  if (fields.length > 0)
    throw new Unprocessable('dataset.invalid', `Dataset "${dataset}": ${fields[0]?.message}`, { fields });
}

/** `events` -> `events_v2` -> `events_v3`. */
function nextName(dataset: string): string {
  const [, stem, number] = /^(.*)_v(\d+)$/.exec(dataset) ?? [];
  return stem === undefined ? `${dataset}_v2` : `${stem}_v${Number(number) + 1}`;
}

const identifies = ({ key, identity }: Dataset, name: string): boolean =>
  key.includes(name) || (identity.by === 'version' && identity.version === name);

function refuseIncompatible(existing: Dataset, request: InstallDataset, hasRows: boolean): void {
  const refuse = (what: string): never => {
    throw new Conflict(
      'dataset.incompatible',
      `Dataset "${existing.dataset}" ${what} Store into a new one instead, as in "${nextName(existing.dataset)}".`,
    );
  };
  if (request.time !== existing.time) refuse(`has its time in "${existing.time}", not in "${request.time}".`);
  if (request.key.length !== existing.key.length || request.key.some((name, at) => name !== existing.key[at])) {
    refuse(`has the key ${existing.key.join(', ')}, not ${request.key.join(', ')}.`);
  }
  const identity = identityOf(request);
  if (!sameIdentity(existing.identity, identity)) {
    refuse(`keeps ${identityInWords(existing.identity)}, and cannot come to keep ${identityInWords(identity)}.`);
  }
  for (const { name, type, nullable } of request.columns) {
    const known = existing.columns.find((column) => fold(column.name) === fold(name));
    if (known && known.name !== name) refuse(`has a column "${known.name}": "${name}" differs from it by case alone.`);
    const widens = known?.type === 'int' && type === 'double';
    if (widens && identifies(existing, name)) {
      refuse(`tells its events apart by the int "${name}", which cannot become double.`);
    }
    const fits = known?.type === type || widens || (known?.type === 'double' && type === 'int');
    if (known && !fits) refuse(`holds "${name}" as ${known.type}, which cannot become ${type}.`);
    if (known?.nullable && !nullable) refuse(`may hold nulls in "${name}", which cannot become required.`);
    if (!known && !nullable && hasRows) refuse(`has rows already, so the new column "${name}" must allow null.`);
  }
}

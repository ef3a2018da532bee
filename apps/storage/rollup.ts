import { bucketOf, sameBucket } from '#libs/calendar/bucket';
import { PlanMeasure } from '#libs/contracts/query-plan';
import { rollupBucket } from '#libs/contracts/rollup-bucket';
import { InstallRollup } from '#libs/contracts/storage.contract';
import { RollupBucket } from '#libs/documents/rollup';
import { ColumnType } from '#libs/documents/store';
import { FieldProblem, Unprocessable } from '#libs/errors/errors';
import { columnNamed, Dataset, fold, isReadable, unknownColumn } from './dataset';
import { measureProblem, measureType } from './measures';

/** A rollup as it is kept: with buckets of equal width, or of a unit of a zone's calendar. */
export type Rollup = RollupBucket & Named;

interface Named {
  readonly name: string;
  readonly by: readonly string[];
  readonly measures: readonly PlanMeasure[];
}

/** The name of the column that holds a bucket's start. */
export const BUCKET = 'bucket';

/** Whether both say the same; a rollup that changed starts anew. */
export function sameRollup(one: Rollup, other: Rollup): boolean {
  return (
    sameBucket(bucketOf(one), bucketOf(other)) &&
    one.by.length === other.by.length &&
    one.by.every((name, at) => name === other.by[at]) &&
    one.measures.length === other.measures.length &&
    one.measures.every((measure, at) => sameMeasure(measure, other.measures[at]))
  );
}

/** Whether both are the same measure under the same name. */
export const sameMeasure = (one: PlanMeasure, other: PlanMeasure | undefined): boolean =>
  one.name === other?.name && one.fn === other.fn && one.column === other.column && one.q === other.q;

/** The rollup as it is kept. Throws Unprocessable `rollup.invalid` naming each offending place. */
export function rollupOf(dataset: Dataset, request: InstallRollup): Rollup {
  const fields: FieldProblem[] = [];
  const taken = new Set([BUCKET]);
  const bucket = rollupBucket(request);
  if (typeof bucket === 'string') fields.push({ path: 'bucket', message: bucket });
  request.by.forEach((name, at) => {
    const column = columnNamed(dataset, name);
    if (!column) fields.push({ path: `by[${at}]`, message: unknownColumn(dataset, name) });
    else if (column.type === 'json')
      fields.push({ path: `by[${at}]`, message: `"${name}" is json: nothing groups by it.` });
    if (taken.has(fold(name))) fields.push({ path: `by[${at}]`, message: `"${name}" is taken already.` });
    taken.add(fold(name));
  });
  request.measures.forEach((measure, at) => {
    const column = measure.column === undefined ? undefined : columnNamed(dataset, measure.column);
    const problem = measureProblem({ ...measure, type: column?.type }, dataset);
    if (problem !== undefined) fields.push({ path: `measures[${at}]`, message: problem });
    if (taken.has(fold(measure.name)))
      fields.push({ path: `measures[${at}].name`, message: `"${measure.name}" is taken already.` });
    if (!isReadable(measure.name))
      fields.push({ path: `measures[${at}].name`, message: 'A measure needs a readable name.' });
    taken.add(fold(measure.name));
  });
  if (fields.length > 0 || typeof bucket === 'string') {
    throw new Unprocessable('rollup.invalid', `Rollup "${request.rollup}": ${fields[0]?.message}`, { fields });
  }
  return {
    name: request.rollup,
    ...bucket,
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
        type: rollupMeasureType(dataset, measure),
        nullable: true,
      })),
    ],
    time: BUCKET,
    key: rollup.by,
    identity: { by: 'time' },
    schemaVersion: 1,
  };
}

/** The type of a rollup's measure, which is over a plain column. */
export const rollupMeasureType = (dataset: Dataset, { fn, column }: PlanMeasure): ColumnType =>
  measureType(fn, column === undefined ? undefined : columnNamed(dataset, column)?.type);

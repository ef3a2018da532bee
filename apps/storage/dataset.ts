import { ColumnDef, DatasetRef } from '#libs/contracts/columns';
import { DatasetDescription } from '#libs/contracts/dataset-rows';
import { DatasetProblems, InstallDataset } from '#libs/contracts/storage.contract';
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
  /** How long a row is kept, counted from its time; for ever when it is not there. Unit: milliseconds. */
  readonly retainMs?: number;
  /** 1 for the first form; grows by one with each change of the columns. */
  readonly schemaVersion: number;
}

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
  const retention = request.retainMs === undefined ? {} : { retainMs: request.retainMs };
  if (!existing) {
    const { project, dataset, time, key } = request;
    const identity = identityOf(request);
    return {
      dataset: { project, dataset, columns: asked, time, key: [...key], identity, ...retention, schemaVersion: 1 },
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
  const { retainMs, ...rest } = existing;
  const sameForm = added.length === 0 && widened.length === 0 && !relaxed;
  if (sameForm && retainMs === request.retainMs) return { dataset: existing, added, widened };
  const schemaVersion = existing.schemaVersion + (sameForm ? 0 : 1);
  return {
    dataset: { ...rest, columns: [...kept, ...added], ...retention, schemaVersion },
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

export const descriptionOf = (dataset: Dataset): DatasetDescription => ({
  project: dataset.project,
  dataset: dataset.dataset,
  columns: dataset.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
  time: dataset.time,
  key: [...dataset.key],
  mode: dataset.identity.by === 'version' ? 'merge' : 'append',
  schemaVersion: dataset.schemaVersion,
  ...(dataset.retainMs === undefined ? {} : { retainMs: dataset.retainMs }),
});

export const columnNamed = (dataset: Dataset, name: string): ColumnDef | undefined =>
  dataset.columns.find((column) => column.name === name);

export function unknownColumn(dataset: Dataset, name: string): string {
  const names = dataset.columns.map((column) => column.name);
  const near = nearest(name, names);
  return near === undefined
    ? `There is no column "${name}"; there are ${names.slice(0, 20).join(', ')}.`
    : `There is no column "${name}". Did you mean "${near}"?`;
}

export const qualifiedName = ({ project, dataset }: DatasetRef): string => `${project}/${dataset}`;

/** Engines do not tell names by their case alone. */
export const fold = (name: string): string => name.toLowerCase();
export const isReadable = (name: string): boolean => name.trim() !== '' && !UNREADABLE.test(name);
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

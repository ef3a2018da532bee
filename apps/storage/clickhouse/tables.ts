import { ColumnDef } from '#libs/contracts/columns';
import { PlanMeasure } from '#libs/contracts/query-plan';
import { ColumnType } from '#libs/documents/store';
import { columnNamed, Dataset } from '../dataset';
import { BUCKET, Rollup, rollupMeasureType } from '../rollup';

/** A name as an SQL identifier: whatever it holds, it stays one name. */
export const quoted = (name: string): string => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;

/** Tables go by the number of what they hold: no name of a project or a dataset becomes one. */
export const rowsTable = (datasetId: number): string => `chartly_rows_${datasetId}`;
/** Rows of a merge that a newer version took the place of: `_append`, `_row`, and `_by`, the append that did it. */
export const supersededTable = (datasetId: number): string => `chartly_superseded_${datasetId}`;
export const rollupTable = (rollupId: number): string => `chartly_rollup_${rollupId}`;
/** Which buckets a build of a rollup computed, also those that have no rows. */
export const buildsTable = (rollupId: number): string => `chartly_builds_${rollupId}`;

/** Times are microseconds in a plain integer: DateTime64 ends in 1900 and 2299. */
const PHYSICAL = {
  string: 'String',
  json: 'String',
  int: 'Int64',
  double: 'Float64',
  bool: 'Bool',
  timestamp: 'Int64',
} as const satisfies Record<ColumnType, string>;

const DAY_US = 86_400_000_000;
const YEAR_US = 365 * DAY_US;
/** Times before 1970 and after about 2100 share a partition, so that an outlier does not make many. */
const PARTITIONS_MAX = 130;

export const mayBeNull = ({ time, key, identity }: Dataset, name: string): boolean =>
  name !== time && !key.includes(name) && !(identity.by === 'version' && identity.version === name);

export const columnType = (dataset: Dataset, { name, type }: ColumnDef): string =>
  mayBeNull(dataset, name) ? `Nullable(${PHYSICAL[type]})` : PHYSICAL[type];

export interface Placement {
  readonly cluster?: string;
}

const onCluster = ({ cluster }: Placement): string => (cluster === undefined ? '' : ` ON CLUSTER ${quoted(cluster)}`);

const engine = (table: string, { cluster }: Placement): string =>
  cluster === undefined
    ? 'MergeTree'
    : `ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/${table}', '{replica}')`;

/**
 * The rows, sorted for what is asked most: by day and key where events are told apart by time, by key where by key; in
 * both a range of times reads only its partitions and granules.
 */
export function createRows(id: number, dataset: Dataset, place: Placement): string {
  const time = quoted(dataset.time);
  const keys = dataset.key.map(quoted).join(', ');
  const order = dataset.identity.by === 'time' ? `intDiv(${time}, ${DAY_US}), ${keys}, ${time}` : `${keys}, ${time}`;
  const columns = dataset.columns.map((column) => `${quoted(column.name)} ${columnType(dataset, column)}`);
  return `
    CREATE TABLE IF NOT EXISTS ${rowsTable(id)}${onCluster(place)}
      (_append Int64, _row Int64, ${columns.join(', ')},
       INDEX chartly_time ${time} TYPE minmax GRANULARITY 1, INDEX chartly_append _append TYPE minmax GRANULARITY 1)
    ENGINE = ${engine(rowsTable(id), place)}
    PARTITION BY least(greatest(intDiv(${time}, ${YEAR_US}), 0), ${PARTITIONS_MAX})
    ORDER BY (${order})
    SETTINGS allow_nullable_key = 0`;
}

export const createSuperseded = (id: number, place: Placement): string => `
  CREATE TABLE IF NOT EXISTS ${supersededTable(id)}${onCluster(place)} (_append Int64, _row Int64, _by Int64)
  ENGINE = ${engine(supersededTable(id), place)} ORDER BY (_append, _row)`;

export const addColumn = (id: number, dataset: Dataset, column: ColumnDef): string =>
  `ALTER TABLE ${rowsTable(id)} ADD COLUMN IF NOT EXISTS ${quoted(column.name)} ${columnType(dataset, column)}`;

export const widenColumn = (id: number, dataset: Dataset, column: ColumnDef): string =>
  `ALTER TABLE ${rowsTable(id)} MODIFY COLUMN ${quoted(column.name)} ${columnType(dataset, column)}`;

/** A sum of 64-bit integers may need more than 64 bits. */
function measureSqlType(dataset: Dataset, measure: PlanMeasure): string {
  const type = rollupMeasureType(dataset, measure);
  return `Nullable(${measure.fn === 'sum' && type === 'int' ? 'Int128' : PHYSICAL[type]})`;
}

export function createRollup(id: number, dataset: Dataset, rollup: Rollup, place: Placement): string {
  const groups = rollup.by
    .map((name) => columnNamed(dataset, name))
    .filter((column) => column !== undefined)
    .map((column) => `${quoted(column.name)} Nullable(${PHYSICAL[column.type]})`);
  const measures = rollup.measures.map((measure) => `${quoted(measure.name)} ${measureSqlType(dataset, measure)}`);
  return `
    CREATE TABLE IF NOT EXISTS ${rollupTable(id)}${onCluster(place)}
      (_build Int64, ${[`${quoted(BUCKET)} Int64`, ...groups, ...measures].join(', ')})
    ENGINE = ${engine(rollupTable(id), place)} ORDER BY (${quoted(BUCKET)}, _build)`;
}

export const createBuilds = (id: number, place: Placement): string => `
  CREATE TABLE IF NOT EXISTS ${buildsTable(id)}${onCluster(place)} (${quoted(BUCKET)} Int64, _build Int64)
  ENGINE = ${engine(buildsTable(id), place)} ORDER BY (${quoted(BUCKET)}, _build)`;

export const dropTable = (table: string, place: Placement): string =>
  `DROP TABLE IF EXISTS ${table}${onCluster(place)}`;

/** Replicated tables carry a delete to every replica by themselves, and it is done when this ends. */
export const deleteRows = (table: string, condition: string): string => `DELETE FROM ${table} WHERE ${condition}`;

import { DatasetRef } from '#libs/contracts/columns';

/** A name as an SQL identifier: whatever it holds, it stays one name. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A table of this engine; `schema` and `table` are bare names, `sql` both as an identifier. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
  readonly sql: string;
}

const tableName = (schema: string, table: string): TableName => ({
  schema,
  table,
  sql: `${quoted(schema)}.${quoted(table)}`,
});

/** The schema of a project's tables; the prefix keeps projects away from the engine's own schemas. */
export const schemaOf = (project: string): string => `p_${project}`;

export const datasetTable = ({ project, dataset }: DatasetRef): TableName =>
  tableName(schemaOf(project), `d_${dataset}`);

/** The deleted keys of a dataset that merges. */
export const tombstoneTable = ({ project, dataset }: DatasetRef): TableName =>
  tableName(schemaOf(project), `t_${dataset}`);

/** Each definition of a rollup has a table of its own, told apart by its id. */
export const rollupTable = ({ project, dataset }: DatasetRef, rollup: string, id: number): TableName =>
  tableName(schemaOf(project), `r_${dataset}.${rollup}.${id}`);

export const CATALOG_SCHEMA = 'chartly';
export const DATASETS = tableName(CATALOG_SCHEMA, 'datasets');
export const ROLLUPS = tableName(CATALOG_SCHEMA, 'rollups');
export const RECEIPTS = tableName(CATALOG_SCHEMA, 'receipts');
export const DIRTY = tableName(CATALOG_SCHEMA, 'dirty');
export const REMOVALS = tableName(CATALOG_SCHEMA, 'removals');

/** The number of the append that stored a row, and the row's place in it: the first two columns of a dataset's table. */
export const APPEND = quoted('_append');
export const ROW = quoted('_row');

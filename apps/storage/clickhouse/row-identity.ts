import { Column } from '#libs/contracts/columns';
import { ColumnType } from '#libs/documents/store';
import { Dataset } from '../dataset';
import { Version } from '../merge';
import { CheckedRows } from '../row-check';
import { ClickCell } from './click-house';

/** What of a row decides whether it is new. */
export interface RowIdentity {
  /** Equal for rows that are the same event. */
  readonly same: string;
  readonly timeUs: bigint;
  readonly version: Version;
  readonly deleted: boolean;
}

/** The columns that {@link identityOfCells} wants, in its order. */
export function identityColumns({ key, time, identity }: Dataset): string[] {
  const merging = identity.by === 'version' ? [identity.version, ...(identity.deleted ? [identity.deleted] : [])] : [];
  return [...key, time, ...merging];
}

export function identitiesOfRows(dataset: Dataset, rows: CheckedRows): RowIdentity[] {
  const names = identityColumns(dataset);
  const columns = names.map((name) => rows.columns[dataset.columns.findIndex((column) => column.name === name)]);
  return Array.from({ length: rows.length }, (_, row) =>
    identityOfCells(
      dataset,
      columns.map((column) => cellOf(column, row)),
    ),
  );
}

/** Cells as the engine answers them: whole numbers as text. */
export function identityOfCells(dataset: Dataset, cells: readonly ClickCell[]): RowIdentity {
  const { key, identity } = dataset;
  const timeText = String(cells[key.length]);
  const parts = cells.slice(0, identity.by === 'time' ? key.length + 1 : key.length);
  return {
    same: JSON.stringify(parts.map((cell) => (typeof cell === 'number' ? cell + 0 : cell))), // -0 equals 0
    timeUs: BigInt(timeText),
    version: identity.by === 'version' ? versionOf(dataset, identity.version, cells[key.length + 1] ?? 0) : 0,
    deleted: identity.by === 'version' && identity.deleted !== undefined && cells[key.length + 2] === true,
  };
}

function versionOf({ columns }: Dataset, name: string, cell: ClickCell): Version {
  return columns.find((column) => column.name === name)?.type === 'double' ? Number(cell) : BigInt(String(cell));
}

/** A value as the engine's JSON has it, for what comes and what goes. */
export function cellOf(column: Column | undefined, row: number): ClickCell {
  if (column === undefined || column.nulls?.[row]) return null;
  switch (column.type) {
    case 'string':
    case 'json':
      return column.values[row]!;
    case 'int':
    case 'timestamp':
      return column.values[row]!.toString();
    case 'double':
      return column.values[row]!;
    case 'bool':
      return column.values[row] === 1;
  }
}

/** An answer's value as {@link identityOfCells} wants it. */
export const asCell = (type: ColumnType, cell: ClickCell): ClickCell =>
  type === 'double' && cell !== null ? Number(cell) : cell;

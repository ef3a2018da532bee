import { Column, ColumnBatch, ColumnDef } from '#libs/contracts/columns';
import { Unprocessable } from '#libs/errors/errors';
import { columnNamed, Dataset, unknownColumn } from './dataset';
import { INSTANT_MAX_US, INSTANT_MIN_US } from '#libs/calendar/instants';

/** Rows that fit their dataset: one entry a column of it, in its order; undefined where every value is null. */
export interface CheckedRows {
  readonly length: number;
  readonly columns: readonly (Column | undefined)[];
}

/** The upper halves of the first and the last time that may be. */
const UPPER_MIN = Number(INSTANT_MIN_US >> 32n);
const UPPER_MAX = Number(INSTANT_MAX_US >> 32n);

export const APPEND_ROWS_MAX = 1_000_000;

/** Throws Unprocessable `append.malformed`, naming the column and the row (counted from 0), for rows that do not fit. */
export function checkRows(dataset: Dataset, batch: ColumnBatch): CheckedRows {
  const { length } = batch;
  if (!Number.isInteger(length) || length < 0 || length > APPEND_ROWS_MAX) {
    throw malformed(`An append takes 0 to ${APPEND_ROWS_MAX} rows, not ${length}.`);
  }
  const given = new Map<string, Column>();
  for (const column of batch.columns) {
    if (!columnNamed(dataset, column.name)) throw malformed(unknownColumn(dataset, column.name));
    if (given.has(column.name)) throw malformed(`Column "${column.name}" is there twice.`);
    given.set(column.name, column);
  }
  const columns = dataset.columns.map((definition) => checkColumn(definition, given.get(definition.name), length));
  return { length, columns };
}

function checkColumn(definition: ColumnDef, column: Column | undefined, length: number): Column | undefined {
  const { name, type, nullable } = definition;
  if (column === undefined) {
    if (!nullable && length > 0) throw malformed(`Column "${name}" is missing, and it is never null.`);
    return undefined;
  }
  if (column.type === 'int' && type === 'double') return checkColumn(definition, widened(column), length);
  if (column.type !== type) throw malformed(`Column "${name}" came as ${column.type}; the dataset holds ${type}.`);
  if (!holdsItsType(column)) throw malformed(`Column "${name}" does not carry values of type ${type}.`);
  if (column.values.length !== length) {
    throw malformed(`Column "${name}" carries ${column.values.length} values for ${length} rows.`);
  }
  if (column.nulls !== undefined) {
    if (!(column.nulls instanceof Uint8Array) || column.nulls.length !== length) {
      throw malformed(`Column "${name}" does not mark its nulls with one byte a row.`);
    }
    if (!nullable) {
      const row = column.nulls.findIndex((isNull) => isNull !== 0);
      if (row >= 0) throw malformed(`Column "${name}" is null in row ${row}, and it is never null.`);
    }
  }
  const row = firstMisfit(column);
  if (row >= 0) throw malformed(`Column "${name}" holds in row ${row} ${MISFIT[type]}.`);
  return column;
}

/** Ints for a column that has become one of doubles since; beyond 2^53 they round. */
function widened(column: Column & { readonly type: 'int' | 'timestamp' }): Column {
  if (!(column.values instanceof BigInt64Array)) return column;
  return { ...column, type: 'double', values: Float64Array.from(column.values, Number) };
}

const MISFIT = {
  string: 'a text that is not well-formed Unicode',
  json: 'a text that is not JSON',
  int: 'no 64-bit integer',
  double: 'no finite number',
  bool: 'neither true nor false',
  timestamp: 'a time outside the years 1 to 9999',
} as const;

function holdsItsType(column: Column): boolean {
  switch (column.type) {
    case 'string':
    case 'json':
      return Array.isArray(column.values);
    case 'int':
    case 'timestamp':
      return column.values instanceof BigInt64Array;
    case 'double':
      return column.values instanceof Float64Array;
    case 'bool':
      return column.values instanceof Uint8Array;
  }
}

/** The first row whose value is not null and not storable; -1 when all fit. */
function firstMisfit(column: Column): number {
  const { nulls } = column;
  const isThere = (row: number): boolean => nulls === undefined || nulls[row] === 0;
  switch (column.type) {
    case 'string':
      return column.values.findIndex((text, row) => !(typeof text === 'string' && isWellFormed(text)) && isThere(row));
    case 'json':
      return column.values.findIndex((text, row) => !isJson(text) && isThere(row));
    case 'double':
      return column.values.findIndex((value, row) => !Number.isFinite(value) && isThere(row));
    case 'timestamp':
      return firstOutside(column.values, isThere);
    case 'bool':
      return column.values.findIndex((value, row) => value > 1 && isThere(row));
    case 'int':
      return -1;
  }
}

/** The first time that is none; the upper half of nearly every one tells that it is, without a bigint made of it. */
function firstOutside(times: BigInt64Array, isThere: (row: number) => boolean): number {
  const halves = new Int32Array(times.buffer, times.byteOffset, times.length * 2);
  for (let row = 0; row < times.length; row += 1) {
    const upper = halves[row * 2 + 1]!;
    if (upper > UPPER_MIN && upper < UPPER_MAX) continue;
    const time = times[row]!;
    if ((time < INSTANT_MIN_US || time > INSTANT_MAX_US) && isThere(row)) return row;
  }
  return -1;
}

/** No half of a surrogate pair stands alone: those become the same replacement character in UTF-8. */
function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}

function isJson(text: string): boolean {
  if (typeof text !== 'string' || !isWellFormed(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function malformed(sentence: string): Unprocessable {
  return new Unprocessable('append.malformed', `${sentence} Nothing of this append was stored.`);
}

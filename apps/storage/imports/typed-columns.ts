import { microsOfRfc3339 } from '#libs/calendar/instants';
import { Column, ColumnBatch, ColumnDef } from '#libs/contracts/columns';
import { ColumnType } from '#libs/documents/store';
import { FieldProblem, Unprocessable } from '#libs/errors/errors';
import { Dataset, unknownColumn } from '../dataset';
import { FileRecord } from './records';

const PROBLEMS_MAX = 20;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/**
 * Records as rows of a dataset. A value is of its column's type, or a text that says one: files know fewer types than
 * datasets. Throws Unprocessable `import.invalid` that names the first values which are not.
 */
export function typedColumns(
  dataset: Pick<Dataset, 'columns' | 'dataset'>,
  records: readonly FileRecord[],
): ColumnBatch {
  const problems: FieldProblem[] = unknownNames(dataset, records);
  const columns = dataset.columns.map((definition) => columnOf(definition, records, problems));
  if (problems.length > 0) {
    const [first] = problems;
    throw new Unprocessable('import.invalid', `${first?.path}: ${first?.message} Nothing was stored.`, {
      fields: problems.slice(0, PROBLEMS_MAX),
    });
  }
  return ColumnBatch.of(records.length, columns);
}

function unknownNames(dataset: Pick<Dataset, 'columns' | 'dataset'>, records: readonly FileRecord[]): FieldProblem[] {
  const known = new Set(dataset.columns.map(({ name }) => name));
  const problems = new Map<string, FieldProblem>();
  records.forEach((record, row) => {
    for (const name of Object.keys(record)) {
      if (known.has(name) || problems.has(name) || problems.size >= PROBLEMS_MAX) continue;
      problems.set(name, { path: `row ${row + 1}`, message: unknownColumn(dataset as Dataset, name) }); // its columns are all that is read
    }
  });
  return [...problems.values()];
}

function columnOf(
  { name, type, nullable }: ColumnDef,
  records: readonly FileRecord[],
  problems: FieldProblem[],
): Column {
  const nulls = new Uint8Array(records.length);
  const refuse = (row: number, message: string): void => {
    if (problems.length < PROBLEMS_MAX) problems.push({ path: `row ${row + 1}, ${name}`, message });
  };
  const read = <T>(of: (value: unknown) => T | undefined, empty: T): T[] =>
    records.map((record, row) => {
      const given = Object.hasOwn(record, name) ? record[name] : null;
      if (given === null || given === undefined) {
        nulls[row] = 1;
        if (!nullable) refuse(row, 'It is null, and this column never is.');
        return empty;
      }
      const value = of(given);
      if (value === undefined) refuse(row, `${JSON.stringify(given).slice(0, 80)} is not ${WORDS[type]}.`);
      return value ?? empty;
    });
  const column = valuesOf(name, type, read);
  return nulls.includes(1) ? { ...column, nulls } : column;
}

type Read = <T>(of: (value: unknown) => T | undefined, empty: T) => T[];

function valuesOf(name: string, type: ColumnType, read: Read): Column {
  switch (type) {
    case 'string':
      return { name, type, values: read(textOf, '') };
    case 'json':
      return { name, type, values: read((value) => JSON.stringify(value), 'null') };
    case 'int':
      return { name, type, values: BigInt64Array.from(read(intOf, 0n)) };
    case 'timestamp':
      return { name, type, values: BigInt64Array.from(read(timeOf, 0n)) };
    case 'double':
      return { name, type, values: Float64Array.from(read(numberOf, 0)) };
    case 'bool':
      return { name, type, values: Uint8Array.from(read(boolOf, 0)) };
  }
}

const WORDS: Readonly<Record<ColumnType, string>> = {
  string: 'a text of whole characters',
  json: 'JSON',
  int: 'a whole number of 64 bits',
  double: 'a finite number',
  bool: 'true or false',
  timestamp: 'a time like 2026-01-31T12:00:00Z',
};

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.isWellFormed() ? value : undefined;

function intOf(value: unknown): bigint | undefined {
  const isWhole = typeof value === 'number' ? Number.isSafeInteger(value) : /^-?\d{1,19}$/.test(String(value));
  if (!isWhole || (typeof value !== 'number' && typeof value !== 'string')) return undefined;
  const int = BigInt(value);
  return int >= INT64_MIN && int <= INT64_MAX ? int : undefined;
}

function numberOf(value: unknown): number | undefined {
  const isNumeric = typeof value === 'string' && /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(value);
  const number = typeof value === 'number' || isNumeric ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function boolOf(value: unknown): number | undefined {
  if (value === true || value === 'true') return 1;
  return value === false || value === 'false' ? 0 : undefined;
}

const timeOf = (value: unknown): bigint | undefined => (typeof value === 'string' ? microsOfRfc3339(value) : undefined);

import { Unprocessable } from '#libs/errors/errors';
import { isTree, Tree } from '../../duckdb/statement-tree';

/** A type of the bound plan, by its name there. */
export interface SqlType {
  readonly id: string;
  /** Digits of a decimal, and how many of them stand behind its point. */
  readonly width?: number;
  readonly scale?: number;
}

/** Months, days and microseconds as expressions of whole numbers: how long they are depends on where they begin. */
export interface IntervalSql {
  readonly months: string;
  readonly days: string;
  readonly micros: string;
}

/** An expression of ClickHouse's, with what its users have to know. */
export interface Printed {
  readonly sql: string;
  readonly type: SqlType;
  /** A double that is no number is equal to itself and greater than all others where statements are read. */
  readonly mayBeNaN: boolean;
  readonly mayBeInfinite: boolean;
  /** The text of a constant text, or the digits of a constant whole number. */
  readonly constant?: string;
  readonly interval?: IntervalSql;
}

/** A column that an expression may name. */
export type ColumnSql = Pick<Printed, 'sql' | 'type' | 'mayBeNaN' | 'mayBeInfinite'>;

const PHYSICAL: Readonly<Record<string, string>> = {
  BOOLEAN: 'Bool',
  TINYINT: 'Int8',
  SMALLINT: 'Int16',
  INTEGER: 'Int32',
  BIGINT: 'Int64',
  HUGEINT: 'Int128',
  UTINYINT: 'UInt8',
  USMALLINT: 'UInt16',
  UINTEGER: 'UInt32',
  UBIGINT: 'UInt64',
  FLOAT: 'Float32',
  DOUBLE: 'Float64',
  VARCHAR: 'String',
  // Microseconds and days since 1970: ClickHouse's own types end in 2299.
  TIMESTAMP: 'Int64',
  'TIMESTAMP WITH TIME ZONE': 'Int64',
  DATE: 'Int32',
};

export const BIGINT: SqlType = { id: 'BIGINT' };
export const BOOLEAN: SqlType = { id: 'BOOLEAN' };

/** What ClickHouse holds a value of the type in. Throws Unprocessable `sql.unsupported`. */
export function physical({ id, width, scale }: SqlType): string {
  if (id === 'DECIMAL') return `Decimal(${width}, ${scale})`;
  const name = PHYSICAL[id];
  if (name === undefined) throw unsupported(`the type ${id}`);
  return name;
}

export const castSql = (sql: string, type: SqlType): string => `CAST(${sql}, 'Nullable(${physical(type)})')`;

/** The value in the type exactly; the statement ends where it does not fit. */
export const exactSql = (sql: string, type: SqlType): string => `accurateCast(${sql}, 'Nullable(${physical(type)})')`;

/** A decimal of up to 76 digits as one of the type; one that has more digits than the type ends the statement. */
export function fittedSql(sql: string, type: SqlType): string {
  const [width, scale] = [type.width ?? 38, type.scale ?? 0];
  const wide = `CAST(${sql}, 'Nullable(Decimal(76, ${scale}))')`;
  const end = `CAST('1${'0'.repeat(width - scale)}', 'Decimal(76, ${scale})')`;
  return guardedSql(
    `abs(${wide}) >= ${end}`,
    `A number does not fit DECIMAL(${width}, ${scale}).`,
    castSql(wide, type),
  );
}

/** The value; a row where the condition holds ends the statement. */
export const guardedSql = (condition: string, message: string, value: string): string =>
  `if(throwIf(ifNull(${condition}, false), '[[${message}]]') = 0, ${value}, NULL)`;

export const isInt = ({ id }: SqlType): boolean => /^U?(TINY|SMALL|BIG|HUGE)INT$|^U?INTEGER$/.test(id);
export const isDouble = ({ id }: SqlType): boolean => id === 'DOUBLE' || id === 'FLOAT';
export const isDecimal = ({ id }: SqlType): boolean => id === 'DECIMAL';
export const isText = ({ id }: SqlType): boolean => id === 'VARCHAR';
export const isInstant = ({ id }: SqlType): boolean => id === 'TIMESTAMP' || id === 'TIMESTAMP WITH TIME ZONE';
export const isDate = ({ id }: SqlType): boolean => id === 'DATE';

export function typeOf(value: unknown): SqlType {
  if (!isTree(value) || typeof value.id !== 'string') throw unsupported('a value without a type');
  const { id, type_info: info } = value;
  if (id !== 'DECIMAL') return { id };
  const { width, scale } = isTree(info) ? info : ({} as Tree);
  return { id, width: Number(width), scale: Number(scale) };
}

/** A statement that DuckDB would run and ClickHouse cannot, or not with the same answer. */
export const unsupported = (what: string): Unprocessable =>
  new Unprocessable(
    'sql.unsupported',
    `Events are in ClickHouse here, where ${what} would not mean the same or is not there. Write the statement without it.`,
  );

/** An expression's text with its type; a double of unknown origin may be anything. */
export const answer = (sql: string, type: SqlType, isFinite = !isDouble(type)): Printed => ({
  sql,
  type,
  mayBeNaN: !isFinite,
  mayBeInfinite: !isFinite,
});

/** Doubles are alike or not by their value here and by their bits there: one zero, and one that is no number. */
export function keySql({ sql, type, mayBeNaN }: ColumnSql): string {
  if (type.id !== 'DOUBLE' && type.id !== 'FLOAT') return sql;
  return mayBeNaN ? `if(isNaN(${sql}), nan, ${sql} + 0)` : `(${sql} + 0)`;
}

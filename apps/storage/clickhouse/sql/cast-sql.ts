import { dateTextSql, DAY_US, floorSql, timestampTextSql } from './time-sql';
import {
  answer,
  castSql,
  exactSql,
  fittedSql,
  guardedSql,
  isDate,
  isDecimal,
  isDouble,
  isInstant,
  isInt,
  isText,
  physical,
  Printed,
  SqlType,
  unsupported,
} from './types';

const PLAIN_NUMBER = '^[+-]?(([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?|(?i:nan|inf|infinity))$';
const PLAIN_INTEGER = '^[+-]?[0-9]+$';

/** A value in another type. Where the two engines read or round differently, it is written out, or refused. */
export function printCast(value: Printed, type: SqlType, orNull: boolean): Printed {
  const { sql, type: from } = value;
  if (from.id === type.id && from.width === type.width && from.scale === type.scale) return value;
  if (from.id === 'NULL') return answer(castSql('NULL', type), type, true);
  const isFinite = !value.mayBeNaN && !value.mayBeInfinite;
  if (orNull) throw unsupported(`TRY_CAST to ${type.id}`);
  if (from.id === 'BOOLEAN') return fromBoolean(value, type);
  if (isInt(from)) {
    if (isInt(type)) return { ...answer(wholeSql(value, type), type), constant: value.constant };
    if (isDouble(type)) return { ...answer(castSql(sql, type), type, true), constant: value.constant };
    if (isText(type)) return answer(castSql(sql, type), type, true);
    if (isDecimal(type)) return answer(fittedSql(`toString(${sql})`, type), type);
    if (type.id === 'BOOLEAN') return answer(`(${sql} <> 0)`, type);
  }
  if (isDouble(from)) {
    if (isDouble(type)) {
      const isBeyond = `isInfinite(${castSql(sql, type)}) AND NOT isInfinite(${sql})`;
      const said = castSql(sql, type);
      const fitted = type.id === 'FLOAT' ? guardedSql(isBeyond, 'A number does not fit FLOAT.', said) : said;
      return answer(fitted, type, isFinite);
    }
    if (isInt(type)) return { ...answer(exactSql(`roundBankers(${sql})`, type), type), constant: value.constant };
    if (isDecimal(type)) return answer(decimalSql(sql, type), type);
    if (type.id === 'BOOLEAN') return answer(`(${sql} <> 0)`, type);
  }
  if (isDecimal(from)) {
    if (isDouble(type)) return answer(castSql(sql, type), type, true);
    if (isInt(type)) return answer(exactSql(`round(${sql})`, type), type);
    if (isDecimal(type)) {
      const scale = type.scale ?? 0;
      return answer(fittedSql((from.scale ?? 0) > scale ? `round(${sql}, ${scale})` : sql, type), type);
    }
    if (isText(type)) return answer(`toDecimalString(${sql}, ${from.scale ?? 0})`, type);
  }
  if (isText(from)) {
    if (isInt(type)) return answer(readSql(sql, PLAIN_INTEGER, type), type);
    if (isDouble(type)) return answer(readSql(sql, PLAIN_NUMBER, type), type);
  }
  if (isInstant(from)) {
    if (isInstant(type)) return { ...value, type };
    if (isDate(type)) return answer(castSql(`intDiv(${floorSql(sql, DAY_US)}, ${DAY_US})`, type), type);
    if (isText(type)) return answer(timestampTextSql(value), type);
  }
  if (isDate(from)) {
    if (isInstant(type)) return answer(`(toInt64(${sql}) * ${DAY_US})`, type);
    if (isText(type)) return answer(dateTextSql(sql), type);
  }
  throw unsupported(`a cast of ${from.id} to ${type.id}`);
}

/** A constant that fits both types is written in the other at once. */
function wholeSql({ sql, constant }: Printed, type: SqlType): string {
  const fits = constant !== undefined && /^-?\d{1,9}$/.test(constant) && /^(INTEGER|BIGINT|HUGEINT)$/.test(type.id);
  return fits ? castSql(`'${constant}'`, type) : exactSql(sql, type);
}

function fromBoolean({ sql, type: from }: Printed, type: SqlType): Printed {
  if (isInt(type) || isDouble(type)) return answer(castSql(sql, type), type, true);
  if (isText(type)) return answer(`multiIf(isNull(${sql}), NULL, ${sql}, 'true', 'false')`, type);
  throw unsupported(`a cast of ${from.id} to ${type.id}`);
}

/** Rounded half away from zero, as a whole number of the last digit. */
function decimalSql(sql: string, type: SqlType): string {
  const scale = type.scale ?? 0;
  const scaled = `(${sql} * 1e${scale})`;
  const units = exactSql(halfAwaySql(scaled), { id: 'HUGEINT' });
  const unit = scale === 0 ? '1' : `0.${'1'.padStart(scale, '0')}`;
  return fittedSql(
    `CAST(toString(${units}), 'Nullable(Decimal(76, 0))') * CAST('${unit}', 'Decimal(38, ${scale})')`,
    type,
  );
}

/** A double rounded to a whole number, halves away from zero. */
export const halfAwaySql = (sql: string): string =>
  `(sign(${sql}) * (floor(abs(${sql})) + (abs(${sql}) - floor(abs(${sql})) >= 0.5)))`;

/** A number read from a text of which both engines think alike; any other text ends the statement. */
function readSql(sql: string, pattern: string, type: SqlType): string {
  const text = `trimBoth(${sql})`;
  const read = isInt(type)
    ? `accurateCastOrNull(accurateCastOrNull(${text}, 'Int256'), '${castTarget(type)}')`
    : `accurateCastOrNull(${text}, '${castTarget(type)}')`;
  const value = `if(match(${text}, '${pattern}'), ${read}, NULL)`;
  return guardedSql(`isNotNull(${sql}) AND isNull(${value})`, `A text is no ${type.id} that can be read.`, value);
}

const castTarget = (type: SqlType): string => (isInt(type) ? physical(type) : 'Float64');

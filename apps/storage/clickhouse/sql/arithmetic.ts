import { Call, Say } from './call';
import { halfAwaySql } from './cast-sql';
import { addedSql, betweenSql } from './interval-sql';
import {
  answer,
  castSql,
  exactSql,
  fittedSql,
  isDate,
  isDecimal,
  isDouble,
  isInstant,
  isInt,
  Printed,
  SqlType,
  unsupported,
} from './types';

/** Whole numbers that leave their type end a statement there, and would wrap around here: they are computed in wider ones. */
function wide(sql: string, type: SqlType): string {
  if (type.id === 'HUGEINT') return `toInt256(${sql})`;
  return /BIGINT$/.test(type.id) ? `toInt128(${sql})` : `toInt64(${sql})`;
}

function sum(operator: '+' | '-'): Say {
  return (call) => {
    const [a, b] = call.args;
    if (!a) return undefined;
    if (!b) return operator === '-' ? negated(a, call.type) : a;
    if (a.interval || b.interval) return addedSql(call, operator);
    if (isInstant(a.type) && isInstant(b.type) && operator === '-') return betweenSql(a, b);
    if (isDate(a.type) && isDate(b.type)) return answer(castSql(`toInt64(${a.sql}) - ${b.sql}`, call.type), call.type);
    if (isDate(call.type)) return answer(exactSql(`toInt64(${a.sql}) ${operator} ${b.sql}`, call.type), call.type);
    return computed(call, operator);
  };
}

function negated(value: Printed, type: SqlType): Printed | undefined {
  if (value.interval) return addedSql({ args: [ZERO, value], type }, '-');
  if (isDouble(type)) return { ...value, sql: `(-(${value.sql}))`, constant: undefined };
  if (isInt(type)) return answer(exactSql(`(-${wide(value.sql, type)})`, type), type);
  return isDecimal(type) ? answer(`(-(${value.sql}))`, type) : undefined;
}

const ZERO: Printed = { ...answer('', { id: 'INTERVAL' }), interval: { months: '0', days: '0', micros: '0' } };

function computed({ args: [a, b], type }: Call, operator: '+' | '-' | '*'): Printed | undefined {
  if (!a || !b) return undefined;
  if (isInt(type)) {
    return answer(exactSql(`${wide(a.sql, type)} ${operator} ${wide(b.sql, type)}`, type), type);
  }
  if (type.id === 'FLOAT') throw unsupported('arithmetic of FLOAT');
  if (isDouble(type)) {
    const mayBeNaN = [a, b].some((one) => one.mayBeNaN || one.mayBeInfinite);
    return { sql: `(${a.sql} ${operator} ${b.sql})`, type, mayBeNaN, mayBeInfinite: true };
  }
  if (!isDecimal(type)) return undefined;
  const left = castSql(a.sql, { ...a.type, width: 76 });
  return answer(fittedSql(`(${left} ${operator} ${b.sql})`, type), type);
}

const divide: Say = ({ args: [a, b], type }) =>
  a && b && type.id === 'DOUBLE' ? answer(`(${a.sql} / ${b.sql})`, type) : undefined;

const divideWhole: Say = ({ args: [a, b], type }) =>
  a && b && isInt(type)
    ? answer(exactSql(`if(${b.sql} = 0, NULL, intDiv(${wide(a.sql, type)}, ${wide(b.sql, type)}))`, type), type)
    : undefined;

const modulo: Say = ({ args: [a, b], type }) => {
  if (!a || !b) return undefined;
  if (isInt(type)) return answer(castSql(`if(${b.sql} = 0, NULL, ${a.sql} % ${b.sql})`, type), type);
  return undefined;
};

/** A function of doubles that both engines have from the same library. */
const ofDoubles =
  (name: string, refuses?: (sql: string) => string): Say =>
  ({ args, type }) => {
    if (!isDouble(type) || args.length === 0 || !args.every((arg) => isDouble(arg.type))) return undefined;
    const sqls = args.map(({ sql }) => sql);
    const [first = ''] = sqls;
    const call = `${name}(${sqls.join(', ')})`;
    if (!refuses) return answer(call, type);
    const message = `[[${name} is not defined there.]]`;
    return answer(`if(throwIf(ifNull(${refuses(first)}, false), '${message}') = 0, ${call}, NULL)`, type);
  };

const ofNumber =
  (name: string): Say =>
  ({ args: [a], type }) => {
    if (!a) return undefined;
    if (isInt(type)) return answer(exactSql(`${name}(${wide(a.sql, type)})`, type), type);
    // A constant that is whole stays what it is, but for its sign.
    if (isDouble(type))
      return { ...a, sql: `${name}(${a.sql})`, type, constant: name === 'abs' ? undefined : a.constant };
    return isDecimal(type) ? answer(castSql(`${name}(${a.sql})`, type), type) : undefined;
  };

const round: Say = ({ args: [a, places], type }) => {
  if (!a) return undefined;
  if (isInt(type) && isInt(a.type) && !places) return a;
  if (isDecimal(a.type) && isDecimal(type) && !places) return answer(castSql(`round(${a.sql})`, type), type);
  if (!isDouble(type) || !isDouble(a.type)) return undefined;
  if (!places) return { ...a, sql: whenFinite(a, halfAwaySql(a.sql)), type };
  if (places.constant === undefined) throw unsupported('round to a number of places that is not constant');
  const by = Number(places.constant);
  if (by < 0 || by > 15) return undefined;
  const scaled = `(${a.sql} * 1e${by})`;
  return { ...a, sql: `if(isFinite(${scaled}), ${halfAwaySql(scaled)} / 1e${by}, ${a.sql})`, type };
};

const whenFinite = ({ sql, mayBeNaN, mayBeInfinite }: Printed, rounded: string): string =>
  mayBeNaN || mayBeInfinite ? `if(isFinite(${sql}), ${rounded}, ${sql})` : rounded;

const sign: Say = ({ args: [a], type }) =>
  a && !a.mayBeNaN ? answer(castSql(`sign(${a.sql})`, type), type) : undefined;

/** Nulls are passed over. */
const extreme =
  (name: 'max' | 'min'): Say =>
  ({ args, type }) =>
    args.some(({ mayBeNaN }) => mayBeNaN)
      ? undefined
      : answer(`arrayReduce('${name}OrNull', [${args.map(({ sql }) => castSql(sql, type)).join(', ')}])`, type, true);

const bits =
  (name: string): Say =>
  ({ args, type }) =>
    isInt(type) && args.length === 2
      ? answer(castSql(`${name}(${args.map(({ sql }) => sql).join(', ')})`, type), type)
      : undefined;

const asks =
  (name: string): Say =>
  ({ args: [a], type }) =>
    a && isDouble(a.type) ? answer(`${name}(${a.sql})`, type) : undefined;

const power = ofDoubles('pow');
const isNegative = (sql: string): string => `${sql} < 0`;
const isInfinite = (sql: string): string => `isInfinite(${sql})`;
const isNotPositive = (sql: string): string => `${sql} <= 0`;

/** Functions over numbers, and the signs that they share with times. */
export const ARITHMETIC: Readonly<Record<string, Say>> = {
  '+': sum('+'),
  add: sum('+'),
  '-': sum('-'),
  subtract: sum('-'),
  '*': (call) => computed(call, '*'),
  multiply: (call) => computed(call, '*'),
  '/': divide,
  '//': divideWhole,
  divide: divideWhole,
  '%': modulo,
  mod: modulo,
  '**': power,
  '^': power,
  pow: power,
  power,
  abs: ofNumber('abs'),
  '@': ofNumber('abs'),
  floor: ofNumber('floor'),
  ceil: ofNumber('ceil'),
  ceiling: ofNumber('ceil'),
  trunc: ofNumber('trunc'),
  round,
  sign,
  sqrt: ofDoubles('sqrt', isNegative),
  cbrt: ofDoubles('cbrt'),
  exp: ofDoubles('exp'),
  ln: ofDoubles('log', isNotPositive),
  log: (call) => (call.args.length === 1 ? ofDoubles('log10', isNotPositive)(call) : undefined),
  log10: ofDoubles('log10', isNotPositive),
  log2: ofDoubles('log2', isNotPositive),
  sin: ofDoubles('sin', isInfinite),
  cos: ofDoubles('cos', isInfinite),
  tan: ofDoubles('tan', isInfinite),
  atan: ofDoubles('atan'),
  atan2: ofDoubles('atan2'),
  degrees: ofDoubles('degrees'),
  radians: ofDoubles('radians'),
  pi: ({ type }) => answer('pi()', type, true),
  greatest: extreme('max'),
  least: extreme('min'),
  isnan: asks('isNaN'),
  isinf: asks('isInfinite'),
  isfinite: asks('isFinite'),
  '&': bits('bitAnd'),
  '|': bits('bitOr'),
  xor: bits('bitXor'),
};

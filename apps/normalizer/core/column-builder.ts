import type { Column, ColumnDef } from '#libs/contracts/columns';
import { fitsInt64 } from './conversions';
import { shown } from './failure';
import { dateFromMicros, Micros, microsFromDate, microsFromRfc3339 } from './instants';
import { jsonTextOf } from './json-value';

const TWO_POW_32 = 4_294_967_296;

/**
 * Gathers one column of a batch. A value is put at a row; putting again at the same row replaces it, so a row that
 * fails halfway leaves nothing behind. Rows beyond the capacity need a {@link ColumnBuilder.grow} first.
 */
export abstract class ColumnBuilder {
  protected nulls: Uint8Array;
  private anyNull = false;

  constructor(
    readonly name: string,
    private readonly nullable: boolean,
    capacity: number,
  ) {
    this.nulls = new Uint8Array(capacity);
  }

  /** Puts a value of an expression or of JSON. Gives the reason when the column cannot hold it. */
  put(row: number, value: unknown): string | undefined {
    if (value === null || value === undefined) return this.putNull(row);
    this.nulls[row] = 0;
    return this.putValue(row, value);
  }

  putMoment(row: number, micros: Micros | null): string | undefined {
    return this.put(row, micros === null ? null : dateFromMicros(micros));
  }

  /** Makes room for `capacity` rows. */
  grow(capacity: number): void {
    this.nulls = grown(this.nulls, new Uint8Array(capacity));
    this.growValues(capacity);
  }

  /** The column of the first `rows` rows. */
  finish(rows: number): Column {
    const column = this.values(rows);
    if (!this.anyNull) return column;
    const nulls = this.nulls.slice(0, rows);
    return nulls.includes(1) ? { ...column, nulls } : column;
  }

  protected putNull(row: number): string | undefined {
    if (!this.nullable) return `${this.name}: is null or missing, and the column takes no null`;
    this.nulls[row] = 1;
    this.anyNull = true;
    this.blank(row);
    return undefined;
  }

  protected expected(type: string, value: unknown, hint = ''): string {
    return `${this.name}: expected ${type}, got ${shown(value)}${hint}`;
  }

  protected abstract putValue(row: number, value: unknown): string | undefined;
  protected abstract growValues(capacity: number): void;
  protected abstract values(rows: number): Column;
  /** Leaves some value below a null. */
  protected abstract blank(row: number): void;
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** The builder for a column, with room for `capacity` rows. */
export function columnBuilder(def: ColumnDef, nullable: boolean, capacity: number): ColumnBuilder {
  switch (def.type) {
    case 'string':
      return new StringBuilder(def.name, nullable, capacity);
    case 'json':
      return new JsonBuilder(def.name, nullable, capacity);
    case 'int':
      return new IntBuilder(def.name, nullable, capacity);
    case 'timestamp':
      return new TimestampBuilder(def.name, nullable, capacity);
    case 'double':
      return new DoubleBuilder(def.name, nullable, capacity);
    case 'bool':
      return new BoolBuilder(def.name, nullable, capacity);
  }
}

abstract class TextBuilder extends ColumnBuilder {
  protected readonly texts: string[];

  constructor(
    name: string,
    nullable: boolean,
    capacity: number,
    private readonly type: 'string' | 'json',
  ) {
    super(name, nullable, capacity);
    this.texts = new Array<string>(capacity).fill('');
  }

  protected blank(row: number): void {
    this.texts[row] = '';
  }

  protected growValues(capacity: number): void {
    for (let at = this.texts.length; at < capacity; at++) this.texts.push('');
  }

  protected values(rows: number): Column {
    this.texts.length = rows;
    return { name: this.name, type: this.type, values: this.texts };
  }
}

class StringBuilder extends TextBuilder {
  constructor(name: string, nullable: boolean, capacity: number) {
    super(name, nullable, capacity, 'string');
  }

  protected putValue(row: number, value: unknown): string | undefined {
    if (typeof value !== 'string') return this.expected('string', value, ' (use string(...))');
    if (value.includes('\0')) return `${this.name}: holds the character U+0000, which stores do not take`;
    if (!value.isWellFormed()) return `${this.name}: holds half a surrogate pair, which is no character`;
    this.texts[row] = value;
    return undefined;
  }
}

class JsonBuilder extends TextBuilder {
  constructor(name: string, nullable: boolean, capacity: number) {
    super(name, nullable, capacity, 'json');
  }

  protected putValue(row: number, value: unknown): string | undefined {
    const text = jsonTextOf(value);
    if (text === undefined) return this.expected('a JSON value', value);
    this.texts[row] = text;
    return undefined;
  }
}

class DoubleBuilder extends ColumnBuilder {
  private doubles: Float64Array;

  constructor(name: string, nullable: boolean, capacity: number) {
    super(name, nullable, capacity);
    this.doubles = new Float64Array(capacity);
  }

  protected putValue(row: number, value: unknown): string | undefined {
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) return this.expected('a finite double', value);
      this.doubles[row] = value;
      return undefined;
    }
    if (typeof value !== 'bigint')
      return this.expected('double', value, typeof value === 'string' ? ' (use double(...))' : '');
    const double = Number(value);
    if (BigInt(double) !== value) return this.expected('double', value, ' that a double holds exactly');
    this.doubles[row] = double;
    return undefined;
  }

  protected blank(row: number): void {
    this.doubles[row] = 0;
  }

  protected growValues(capacity: number): void {
    this.doubles = grown(this.doubles, new Float64Array(capacity));
  }

  protected values(rows: number): Column {
    return { name: this.name, type: 'double', values: this.doubles.slice(0, rows) };
  }
}

class BoolBuilder extends ColumnBuilder {
  private bools: Uint8Array;

  constructor(name: string, nullable: boolean, capacity: number) {
    super(name, nullable, capacity);
    this.bools = new Uint8Array(capacity);
  }

  protected putValue(row: number, value: unknown): string | undefined {
    if (typeof value !== 'boolean') return this.expected('bool', value);
    this.bools[row] = value ? 1 : 0;
    return undefined;
  }

  protected blank(row: number): void {
    this.bools[row] = 0;
  }

  protected growValues(capacity: number): void {
    this.bools = grown(this.bools, new Uint8Array(capacity));
  }

  protected values(rows: number): Column {
    return { name: this.name, type: 'bool', values: this.bools.slice(0, rows) };
  }
}

/** 64-bit values, written through 32-bit halves where a double holds them exactly: that makes no bigint. */
abstract class Int64Builder extends ColumnBuilder {
  protected ints: BigInt64Array;
  private halves: Int32Array;

  constructor(
    name: string,
    nullable: boolean,
    capacity: number,
    private readonly type: 'int' | 'timestamp',
  ) {
    super(name, nullable, capacity);
    this.ints = new BigInt64Array(capacity);
    this.halves = new Int32Array(this.ints.buffer);
  }

  /** `value` is a safe integer. Little-endian, as every machine that Node runs on. */
  protected putSafe(row: number, value: number): void {
    const high = Math.floor(value / TWO_POW_32);
    this.halves[row * 2] = value - high * TWO_POW_32;
    this.halves[row * 2 + 1] = high;
  }

  protected blank(row: number): void {
    this.ints[row] = 0n;
  }

  protected growValues(capacity: number): void {
    this.ints = grown(this.ints, new BigInt64Array(capacity));
    this.halves = new Int32Array(this.ints.buffer);
  }

  protected values(rows: number): Column {
    return { name: this.name, type: this.type, values: this.ints.slice(0, rows) };
  }
}

class IntBuilder extends Int64Builder {
  constructor(name: string, nullable: boolean, capacity: number) {
    super(name, nullable, capacity, 'int');
  }

  protected putValue(row: number, value: unknown): string | undefined {
    if (typeof value === 'number') {
      if (Number.isSafeInteger(value)) {
        this.putSafe(row, value);
        return undefined;
      }
      const inexact = Number.isInteger(value)
        ? ' (numbers of 2^53 and more lose digits: send a string and use int(...))'
        : '';
      return this.expected('int', value, inexact);
    }
    if (typeof value !== 'bigint')
      return this.expected('int', value, typeof value === 'string' ? ' (use int(...))' : '');
    if (!fitsInt64(value)) return this.expected('int of 64 bits', value);
    this.ints[row] = value;
    return undefined;
  }
}

class TimestampBuilder extends Int64Builder {
  constructor(name: string, nullable: boolean, capacity: number) {
    super(name, nullable, capacity, 'timestamp');
  }

  override putMoment(row: number, micros: Micros | null): string | undefined {
    if (micros === null) return this.putNull(row);
    this.nulls[row] = 0;
    if (typeof micros === 'number') this.putSafe(row, micros);
    else this.ints[row] = micros;
    return undefined;
  }

  protected putValue(row: number, value: unknown): string | undefined {
    const micros =
      typeof value === 'string' ? microsFromRfc3339(value) : value instanceof Date ? microsFromDate(value) : undefined;
    if (micros !== undefined) return this.putMoment(row, micros);
    const number = typeof value === 'number' || typeof value === 'bigint';
    const expected = typeof value === 'string' ? 'timestamp as RFC 3339 with a zone' : 'timestamp';
    return this.expected(expected, value, number ? ' (use timestamp_ms(...) or timestamp_s(...))' : '');
  }
}

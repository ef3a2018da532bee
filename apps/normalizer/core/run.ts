import { ColumnBatch } from '#libs/contracts/columns';
import type { StepKind } from '#libs/documents/step';
import { budget } from './budget';
import { Scope } from './cel';
import { ColumnBuilder, columnBuilder } from './column-builder';
import { decodeReadable, Readable } from './decode';
import { DecodedRecords } from './decode/records';
import { Failure, isPlainObject, shown } from './failure';
import { dateFromMicros, Micros } from './instants';
import { noColumnReason } from './nearest-name';
import { CompiledPipeline, CompiledStep, RowSlots } from './pipeline';

/** Records, and steps of one record, between two chances to let others have the thread. */
const RECORDS_PER_CHUNK = 64;
const STEPS_PER_CHUNK = 200_000;
const REASON_MAX_CHARS = 1_000;
/** The most items that one record may be split into, and the most rows that a batch may become. */
const SPLIT_MAX_ITEMS = 10_000;
const ROWS_MAX = 1_000_000;
/** Every so many records the steps are timed. */
export const SAMPLED_EVERY = 64;

/** What a record's expressions know of where it came from. */
export interface RecordMeta {
  readonly batchId: string;
  readonly receivedAt: Date;
}

export interface BatchInput extends Readable {
  readonly meta: RecordMeta;
  /** What the reshape step gave for each record, where the pipeline has one. */
  readonly reshaped?: readonly Reshaped[];
}

/** The JSON text of a record's new form, or why it has none. */
export type Reshaped = { readonly json: string } | { readonly reason: string };

/** A record that could not become a row. */
export interface QuarantineDraft {
  readonly index: number;
  readonly step: string;
  readonly reason: string;
  /** The record's bytes, as they came; a view of the payload. */
  readonly raw: Uint8Array;
}

/** How the records of a batch, or what a split made of them, fared at one step. */
export interface StepTally {
  readonly label: string;
  readonly kind: StepKind;
  readonly passed: number;
  readonly filtered: number;
  readonly quarantined: number;
  /** How long the step took over a record: measured on one of {@link SAMPLED_EVERY}. Unit: seconds. */
  readonly seconds: readonly number[];
}

/** `normalized + filtered + quarantined.length = framed`, always. */
export interface BatchResult {
  readonly rows: ColumnBatch;
  /** How many rows there are behind each record: those of record i end at `rowEnds[i]`. */
  readonly rowEnds: Uint32Array;
  readonly framed: number;
  /** The names in the header row, where the payload has one. */
  readonly header?: readonly string[];
  readonly normalized: number;
  readonly filtered: number;
  readonly quarantined: readonly QuarantineDraft[];
}

/** A result with how each step fared, which depends on the machine in its times. */
export interface MeteredResult extends BatchResult {
  readonly tallies: readonly StepTally[];
}

/** Runs a whole batch. Deterministic; gives a result for any bytes. */
export function run(pipeline: CompiledPipeline, input: BatchInput): MeteredResult {
  const work = runInChunks(pipeline, input);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** The same, giving back control every few records. */
export function* runInChunks(pipeline: CompiledPipeline, input: BatchInput): Generator<void, MeteredResult> {
  const { meta, pieces, reshaped } = input;
  return yield* runRecords(pipeline, {
    records: decodeReadable(input),
    metaOf: () => meta,
    indexOf: (at) => pieces?.indexes[at] ?? at,
    reshaped,
  });
}

/** Records from wherever, each with where it came from. */
export interface RecordsInput {
  readonly records: DecodedRecords;
  readonly metaOf: (at: number) => RecordMeta;
  /** The record's place in the batch that it came in. */
  readonly indexOf: (at: number) => number;
  readonly reshaped?: readonly Reshaped[];
}

export function* runRecords(pipeline: CompiledPipeline, input: RecordsInput): Generator<void, MeteredResult> {
  if (pipeline.reshape && !input.reshaped) throw new Error('The reshape step was not run before the others.');
  const batch = new BatchRun(pipeline, input);
  for (let at = 0; at < input.records.count; at++) {
    batch.take(at);
    if (at % RECORDS_PER_CHUNK === RECORDS_PER_CHUNK - 1 || budget.recordSteps > STEPS_PER_CHUNK) yield;
  }
  return batch.result();
}

/** The label of what is no step: reading the bytes, and filling the columns. */
const DECODE = 'decode';
const STORE = 'store';

class BatchRun {
  private readonly builders: readonly ColumnBuilder[];
  private readonly values: unknown[];
  private readonly rowEnds: Uint32Array;
  private readonly quarantined: QuarantineDraft[] = [];
  private readonly tallies: Tally[];
  private readonly reshaping?: Tally;
  private normalized = 0;
  private filtered = 0;
  private rows = 0;
  private at = 0;
  private capacity: number;
  private sampled = false;
  private walking = STORE;
  private failedAt = STORE;
  private reason = '';
  private readonly meta: { received_at: Date; batch: string; index: bigint; item: bigint };
  private readonly scope: { raw: unknown; meta: Scope['meta']; row: Record<string, unknown>; parent: unknown };

  constructor(
    private readonly pipeline: CompiledPipeline,
    private readonly input: RecordsInput,
  ) {
    this.capacity = input.records.count;
    this.rowEnds = new Uint32Array(this.capacity);
    this.builders = pipeline.columns.map(({ def, nullable }) => columnBuilder(def, nullable, this.capacity));
    this.values = new Array<unknown>(pipeline.slotCount).fill(null);
    this.meta = { received_at: new Date(0), batch: '', index: 0n, item: 0n };
    this.scope = { raw: null, meta: this.meta, row: {}, parent: null };
    this.tallies = pipeline.steps.map(({ label, written }) => new Tally(label, written));
    if (pipeline.reshape) this.reshaping = new Tally(pipeline.reshape.label, 'reshape');
  }

  take(at: number): void {
    this.takeRecord(at);
    this.rowEnds[at] = this.rows;
  }

  result(): MeteredResult {
    const { normalized, filtered, quarantined, rows: count, rowEnds } = this;
    const rows = ColumnBatch.of(
      count,
      this.builders.map((builder) => builder.finish(count)),
    );
    const tallies = this.reshaping ? [this.reshaping, ...this.tallies] : this.tallies;
    const { count: framed, columns: header } = this.input.records;
    return { rows, rowEnds, framed, header, normalized, filtered, quarantined, tallies };
  }

  private takeRecord(at: number): void {
    const { records, reshaped } = this.input;
    const decoded = records.at(at);
    if (decoded instanceof Failure) return this.quarantine(at, DECODE, decoded.reason);
    let record = decoded;
    const form = reshaped?.[at];
    if (this.reshaping && form) {
      if ('reason' in form) {
        this.reshaping.quarantined++;
        return this.quarantine(at, this.reshaping.label, form.reason);
      }
      this.reshaping.passed++;
      record = JSON.parse(form.json) as unknown;
    }
    this.sampled = at % SAMPLED_EVERY === 0;
    this.at = at;
    this.scope.parent = null;
    this.meta.item = 0n;
    const before = this.rows;
    budget.beginRecord();
    if (!this.walkSafely(record)) {
      this.rows = before; // all rows of a record, or none
      this.quarantine(at, this.failedAt, this.reason);
    } else if (this.rows === before) this.filtered++;
    else this.normalized++;
  }

  /** A schema may recurse deeper than the stack: whatever breaks costs its record and no other. */
  private walkSafely(record: unknown): boolean {
    try {
      return this.walk(0, record);
    } catch (thrown) {
      return this.fail(
        this.walking,
        `could not be carried out: ${thrown instanceof Error ? thrown.message : 'unknown'}`,
      );
    }
  }

  /** Takes a record through the steps from `from` on. False when it is to be quarantined; why stands in `reason`. */
  private walk(from: number, given: unknown): boolean {
    const { steps } = this.pipeline;
    let record = given;
    for (let i = from; i < steps.length; i++) {
      const step = steps[i] as CompiledStep; // i is below its length
      const tally = this.tallies[i] as Tally; // one a step
      this.walking = step.label;
      this.scope.raw = record;
      const began = this.sampled ? performance.now() : 0;
      const outcome = this.apply(step, record);
      if (this.sampled) tally.seconds.push((performance.now() - began) / 1_000);
      if (outcome instanceof Failure) {
        tally.quarantined++;
        return this.fail(step.label, outcome.reason);
      }
      if (outcome === FILTERED) {
        tally.filtered++;
        return true;
      }
      tally.passed++;
      if (step.kind === 'split') return this.walkItems(i + 1, record, outcome, step.label);
      if (step.kind === 'record') record = outcome;
    }
    const reason = this.pipeline.maps ? this.putRow() : this.putRecord(record);
    return reason === undefined || this.fail(STORE, reason);
  }

  private walkItems(from: number, parent: unknown, items: unknown, label: string): boolean {
    if (!Array.isArray(items)) return this.fail(label, `expected the split to give a list, got ${shown(items)}`);
    if (items.length > SPLIT_MAX_ITEMS) {
      return this.fail(
        label,
        `a record splits into at most ${SPLIT_MAX_ITEMS} items, and this one has ${items.length}`,
      );
    }
    for (const [at, item] of (items as readonly unknown[]).entries()) {
      budget.spendOnItem(this.pipeline.weight);
      this.scope.parent = parent;
      this.meta.item = BigInt(at);
      if (!this.walk(from, item)) {
        this.reason = `item ${at}: ${this.reason}`;
        return false;
      }
    }
    return true;
  }

  private fail(label: string, reason: string): false {
    this.failedAt = label;
    this.reason = reason;
    return false;
  }

  /** What the step gave: a changed record, a split's list, {@link FILTERED}, a {@link Failure}, or nothing of note. */
  private apply(step: CompiledStep, record: unknown): unknown {
    switch (step.kind) {
      case 'map': {
        let scope: Scope | undefined;
        for (const field of step.fields) {
          const value = field.direct
            ? field.direct(record)
            : field.expression.evaluate((scope ??= this.scopeFor(step.readsRow ? step.row : NO_ROW)));
          if (value instanceof Failure) return new Failure(`${field.name}: ${value.reason}`);
          this.values[field.place] = value;
        }
        return undefined;
      }
      case 'filter': {
        const { shortcut } = step.expression;
        const kept = shortcut
          ? shortcut.evaluate(record)
          : step.expression.evaluate(this.scopeFor(step.readsRow ? step.row : NO_ROW));
        if (kept === true) return undefined;
        if (kept === false) return FILTERED;
        return kept instanceof Failure ? kept : new Failure(`expected the filter to give a bool, got ${shown(kept)}`);
      }
      case 'split':
        return step.expression.evaluate(this.scopeFor(step.readsRow ? step.row : NO_ROW));
      case 'record':
        return step.change(record, () => this.scopeFor(NO_ROW));
      case 'row':
        return step.change(this.values, () => this.scopeFor(step.readsRow ? step.row : NO_ROW));
      case 'done':
        return undefined;
      case 'validate':
        return failureOf(step.check.check(step.places.map((place) => this.values[place])));
      case 'validate-record':
        return failureOf(step.check(record));
    }
  }

  private scopeFor(row: RowSlots): Scope {
    const { batchId, receivedAt } = this.input.metaOf(this.at);
    this.meta.index = BigInt(this.input.indexOf(this.at));
    this.meta.batch = batchId;
    this.meta.received_at = receivedAt;
    if (row.size > 0) {
      const fields: Record<string, unknown> = {};
      for (const [name, slot] of row) {
        const value = this.values[slot.place];
        fields[name] = slot.gives === 'moment' && value !== null ? dateFromMicros(value as Micros) : value; // by plan
      }
      this.scope.row = fields;
    }
    return this.scope;
  }

  private putRow(): string | undefined {
    const full = this.room();
    if (full !== undefined) return full;
    const row = this.rows;
    for (let i = 0; i < this.builders.length; i++) {
      const builder = this.builders[i] as ColumnBuilder; // i is below its length
      const slot = this.pipeline.columns[i]?.slot;
      const value = slot ? this.values[slot.place] : null;
      const reason =
        slot?.gives === 'moment' ? builder.putMoment(row, value as Micros | null) : builder.put(row, value); // by plan
      if (reason !== undefined) return reason;
    }
    this.rows++;
    return undefined;
  }

  private putRecord(record: unknown): string | undefined {
    if (!isPlainObject(record)) return `expected an object, got ${shown(record)}`;
    for (const name of Object.keys(record)) {
      if (!this.pipeline.columnNames.has(name)) return noColumnReason(name, this.pipeline.columnNames);
    }
    const full = this.room();
    if (full !== undefined) return full;
    for (const builder of this.builders) {
      const value = Object.hasOwn(record, builder.name) ? record[builder.name] : null;
      const reason = builder.put(this.rows, value);
      if (reason !== undefined) return reason;
    }
    this.rows++;
    return undefined;
  }

  /** Makes room for a row more. */
  private room(): string | undefined {
    if (this.rows < this.capacity) return undefined;
    if (this.rows >= ROWS_MAX) return `a batch may become ${ROWS_MAX} rows, and this record would make more`;
    this.capacity = Math.min(ROWS_MAX, Math.max(16, this.capacity * 2));
    for (const builder of this.builders) builder.grow(this.capacity);
    return undefined;
  }

  private quarantine(at: number, step: string, reason: string): void {
    const raw = this.input.records.bytesOf(at);
    this.quarantined.push({ index: this.input.indexOf(at), step, reason: reason.slice(0, REASON_MAX_CHARS), raw });
  }
}

class Tally implements StepTally {
  passed = 0;
  filtered = 0;
  quarantined = 0;
  readonly seconds: number[] = [];

  constructor(
    readonly label: string,
    readonly kind: StepKind,
  ) {}
}

const failureOf = (reason: string | undefined): Failure | undefined =>
  reason === undefined ? undefined : new Failure(reason);

const FILTERED = Symbol('filtered');
const NO_ROW: RowSlots = new Map();

import { ColumnBatch } from '#libs/contracts/columns';
import type { RecordFormat } from '#libs/contracts/connector-hub.contract';
import { Scope } from './cel';
import { ColumnBuilder, columnBuilder } from './column-builder';
import { decode, DecodedRecords } from './decode';
import { Failure, isPlainObject, shown } from './failure';
import { dateFromMicros, Micros } from './instants';
import { CompiledPipeline, CompiledStep, noColumnReason, RowSlots } from './pipeline';

/** Records between two chances to let others have the loop. */
export const RECORDS_PER_CHUNK = 256;
const REASON_MAX_CHARS = 1_000;

export interface BatchInput {
  readonly payload: Uint8Array;
  readonly format: RecordFormat;
  readonly meta: { readonly batchId: string; readonly receivedAt: Date };
}

/** A record that could not become a row. */
export interface QuarantineDraft {
  readonly index: number;
  readonly step: string;
  readonly reason: string;
  /** The record's bytes, as they came; a view of the payload. */
  readonly raw: Uint8Array;
}

/** `normalized + filtered + quarantined.length = framed`, always. */
export interface BatchResult {
  readonly rows: ColumnBatch;
  readonly framed: number;
  readonly normalized: number;
  readonly filtered: number;
  readonly quarantined: readonly QuarantineDraft[];
}

/** Runs a whole batch. Deterministic; gives a result for any bytes. */
export function run(pipeline: CompiledPipeline, input: BatchInput): BatchResult {
  const work = runInChunks(pipeline, input);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** The same, giving back control behind every {@link RECORDS_PER_CHUNK} records. */
export function* runInChunks(pipeline: CompiledPipeline, input: BatchInput): Generator<void, BatchResult> {
  const records = decode(input.payload, input.format);
  const batch = new BatchRun(pipeline, input, records);
  for (let index = 0; index < records.count; index++) {
    if (index > 0 && index % RECORDS_PER_CHUNK === 0) yield;
    batch.take(index);
  }
  return batch.result();
}

/** The label of what is no step: reading the bytes, and filling the columns. */
const DECODE = 'decode';
const STORE = 'store';

class BatchRun {
  private readonly builders: readonly ColumnBuilder[];
  private readonly values: unknown[];
  private readonly quarantined: QuarantineDraft[] = [];
  private normalized = 0;
  private filtered = 0;
  private readonly meta: { received_at: Date; batch: string; index: bigint };
  private readonly scope: { raw: unknown; meta: Scope['meta']; row: Record<string, unknown> };

  constructor(
    private readonly pipeline: CompiledPipeline,
    input: BatchInput,
    private readonly records: DecodedRecords,
  ) {
    this.builders = pipeline.columns.map(({ def, nullable }) => columnBuilder(def, nullable, records.count));
    this.values = new Array<unknown>(pipeline.slotCount).fill(null);
    this.meta = { received_at: input.meta.receivedAt, batch: input.meta.batchId, index: 0n };
    this.scope = { raw: null, meta: this.meta, row: {} };
  }

  take(index: number): void {
    const record = this.records.at(index);
    if (record instanceof Failure) return this.quarantine(index, DECODE, record.reason);
    this.scope.raw = record;
    for (const step of this.pipeline.steps) {
      const outcome = this.apply(step, record, index);
      if (outcome === undefined) continue;
      if (outcome === FILTERED) this.filtered++;
      else this.quarantine(index, step.label, outcome);
      return;
    }
    const reason = this.pipeline.maps ? this.putRow() : this.putRecord(record);
    if (reason === undefined) this.normalized++;
    else this.quarantine(index, STORE, reason);
  }

  result(): BatchResult {
    const rows = ColumnBatch.of(
      this.normalized,
      this.builders.map((builder) => builder.finish(this.normalized)),
    );
    const { normalized, filtered, quarantined } = this;
    return { rows, framed: this.records.count, normalized, filtered, quarantined };
  }

  /** Gives nothing when the record goes on, else why not. */
  private apply(step: CompiledStep, record: unknown, index: number): string | typeof FILTERED | undefined {
    switch (step.kind) {
      case 'map': {
        let scope: Scope | undefined;
        for (const field of step.fields) {
          const value = field.direct
            ? field.direct(record)
            : field.expression.evaluate((scope ??= this.scopeFor(index, step.readsRow ? step.row : NO_ROW)));
          if (value instanceof Failure) return `${field.name}: ${value.reason}`;
          this.values[field.place] = value;
        }
        return undefined;
      }
      case 'filter': {
        const { shortcut } = step.expression;
        const kept = shortcut
          ? shortcut.evaluate(record)
          : step.expression.evaluate(this.scopeFor(index, step.readsRow ? step.row : NO_ROW));
        if (kept === true) return undefined;
        if (kept === false) return FILTERED;
        return kept instanceof Failure ? kept.reason : `expected the filter to give a bool, got ${shown(kept)}`;
      }
      case 'validate':
        return step.check.check(step.places.map((place) => this.values[place]));
      case 'validate-record':
        return step.check(record);
    }
  }

  private scopeFor(index: number, row: RowSlots): Scope {
    this.meta.index = BigInt(index);
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
    const row = this.normalized;
    for (let i = 0; i < this.builders.length; i++) {
      const builder = this.builders[i] as ColumnBuilder; // i is below its length
      const slot = this.pipeline.columns[i]?.slot;
      const value = slot ? this.values[slot.place] : null;
      const reason =
        slot?.gives === 'moment' ? builder.putMoment(row, value as Micros | null) : builder.put(row, value); // by plan
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  private putRecord(record: unknown): string | undefined {
    if (!isPlainObject(record)) return `expected an object, got ${shown(record)}`;
    for (const name of Object.keys(record)) {
      if (!this.pipeline.columnNames.has(name)) return noColumnReason(name, this.pipeline.columnNames);
    }
    for (const builder of this.builders) {
      const value = Object.hasOwn(record, builder.name) ? record[builder.name] : null;
      const reason = builder.put(this.normalized, value);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  private quarantine(index: number, step: string, reason: string): void {
    this.quarantined.push({ index, step, reason: reason.slice(0, REASON_MAX_CHARS), raw: this.records.bytesOf(index) });
  }
}

const FILTERED = Symbol('filtered');
const NO_ROW: RowSlots = new Map();

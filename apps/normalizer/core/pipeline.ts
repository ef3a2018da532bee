import type { ColumnDef } from '#libs/contracts/columns';
import type { StepProblem } from '#libs/contracts/steps';
import type { StepKind } from '#libs/documents/step';
import { CelExpression, Scope } from './cel';
import { Failure } from './failure';
import { RowCheck } from './schema-check';

/** A value of the row: its place among the record's values, and what stands there. */
export interface Slot {
  readonly place: number;
  readonly gives: 'value' | 'moment';
  /** The type that is known before any record is seen; `dyn` when none is. */
  readonly type: string;
  /** Where the document writes it. */
  readonly path: string;
}

/** The fields of the row as they stand before a step. */
export type RowSlots = ReadonlyMap<string, Slot>;

interface ReadsRow {
  readonly row: RowSlots;
  /** True when an expression of the step names `row`. */
  readonly readsRow: boolean;
}

export interface MapField {
  readonly name: string;
  readonly place: number;
  readonly direct?: (raw: unknown) => unknown;
  readonly expression: CelExpression;
}

/** What a step does to one record. */
export type StepAction =
  | (ReadsRow & { readonly kind: 'map'; readonly fields: readonly MapField[] })
  | (ReadsRow & { readonly kind: 'filter'; readonly expression: CelExpression })
  | (ReadsRow & { readonly kind: 'split'; readonly expression: CelExpression })
  /** Gives the record that goes on in the place of the one that came. */
  | { readonly kind: 'record'; readonly change: (record: unknown, scope: () => Scope) => unknown }
  /** Writes places of the row. */
  | (ReadsRow & {
      readonly kind: 'row';
      readonly change: (values: unknown[], scope: () => Scope) => Failure | undefined;
    })
  /** Was done when the version was compiled: the row has other names now. */
  | { readonly kind: 'done' }
  | { readonly kind: 'validate'; readonly check: RowCheck; readonly places: readonly number[] }
  | { readonly kind: 'validate-record'; readonly check: (record: unknown) => string | undefined };

export type CompiledStep = StepAction & {
  readonly label: string;
  /** What the document calls it. */
  readonly written: StepKind;
};

export interface CompiledColumn {
  readonly def: ColumnDef;
  readonly nullable: boolean;
  /** Where the value comes from; without one, from the record's own field of that name. */
  readonly slot?: Slot;
}

/** Everything that one version of a pipeline does to a record, compiled once. */
export interface CompiledPipeline {
  /** The JSONata expression that all records pass first, in a process of its own. */
  readonly reshape?: { readonly label: string; readonly jsonata: string };
  readonly steps: readonly CompiledStep[];
  readonly columns: readonly CompiledColumn[];
  readonly slotCount: number;
  /** False when no step maps: then the record's own fields are the row. */
  readonly maps: boolean;
  readonly columnNames: ReadonlySet<string>;
  /** How many fields all steps together work on: what an item of a split costs, in steps of the budget. */
  readonly weight: number;
  /** True when a few KiB of records take a few milliseconds at worst, whatever they hold. */
  readonly isLight: boolean;
}

export type Compilation =
  | { readonly kind: 'compiled'; readonly pipeline: CompiledPipeline }
  | { readonly kind: 'wrong'; readonly problems: readonly StepProblem[] };

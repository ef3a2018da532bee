import type { ColumnDef } from '#libs/contracts/columns';
import type { InstallSteps, StepProblem } from '#libs/contracts/normalizer.contract';
import type { Step } from '#libs/documents/pipeline';
import { CelExpression, CelMistake, compileCel } from './cel';
import { nearestName } from './nearest-name';
import { compileRecordCheck, compileRowCheck, RowCheck } from './schema-check';

/** A value that a map step gives: its place among the record's values, and what stands there. */
export interface Slot {
  readonly place: number;
  readonly gives: 'value' | 'moment';
}

export interface MapField {
  readonly name: string;
  readonly place: number;
  readonly direct?: (raw: unknown) => unknown;
  readonly expression: CelExpression;
}

export type CompiledStep =
  | (ReadsRow & { readonly kind: 'map'; readonly label: string; readonly fields: readonly MapField[] })
  | (ReadsRow & { readonly kind: 'filter'; readonly label: string; readonly expression: CelExpression })
  | { readonly kind: 'validate'; readonly label: string; readonly check: RowCheck; readonly places: readonly number[] }
  | {
      readonly kind: 'validate-record';
      readonly label: string;
      readonly check: (record: unknown) => string | undefined;
    };

/** The fields of the row as they stand before a step. */
export type RowSlots = ReadonlyMap<string, Slot>;

interface ReadsRow {
  readonly row: RowSlots;
  /** True when an expression of the step names `row`. */
  readonly readsRow: boolean;
}

export interface CompiledColumn {
  readonly def: ColumnDef;
  readonly nullable: boolean;
  /** Where the value comes from; without one, from the record's own field of that name. */
  readonly slot?: Slot;
}

/** Everything that one version of a pipeline does to a record, compiled once. */
export interface CompiledPipeline {
  readonly steps: readonly CompiledStep[];
  readonly columns: readonly CompiledColumn[];
  readonly slotCount: number;
  /** False when no step maps: then the record's own fields are the row. */
  readonly maps: boolean;
  readonly columnNames: ReadonlySet<string>;
}

export type Compilation =
  | { readonly kind: 'compiled'; readonly pipeline: CompiledPipeline }
  | { readonly kind: 'wrong'; readonly problems: readonly StepProblem[] };

/** The types of expressions that a column takes, besides those known only at run time. */
const FITS: Readonly<Record<ColumnDef['type'], readonly string[]>> = {
  string: ['string'],
  int: ['int', 'double'],
  double: ['double', 'int'],
  bool: ['bool'],
  timestamp: ['timestamp', 'string'],
  json: [],
};
const KNOWN_TYPES = /^(string|int|double|bool|timestamp|bytes|uint|google\.protobuf\.Duration|(list|map)\b.*)$/;
const HINTS: Readonly<Record<string, string>> = {
  'double->string': 'Use string(...).',
  'int->string': 'Use string(...).',
  'string->double': 'Use double(...).',
  'string->int': 'Use int(...).',
  'double->timestamp': 'Use timestamp_ms(...) or timestamp_s(...).',
  'int->timestamp': 'Use timestamp_ms(...) or timestamp_s(...).',
};

/** Compiles a version's steps against its columns, or says every problem with its path in the document. */
export function compile(version: InstallSteps): Compilation {
  return new Compiler(version).compile();
}

class Compiler {
  private readonly problems: StepProblem[] = [];
  private readonly columnOf: ReadonlyMap<string, ColumnDef>;
  private row = new Map<string, Slot>();
  private slotCount = 0;

  constructor(private readonly version: InstallSteps) {
    this.columnOf = new Map(version.columns.map((column) => [column.name, column]));
  }

  compile(): Compilation {
    const maps = this.version.steps.some((step) => step.map !== undefined);
    const steps = this.version.steps.flatMap((step, i) => this.step(step, `spec.steps[${i}]`, i) ?? []);
    const columns = this.version.columns.map((def): CompiledColumn => {
      const required = def.name === this.version.time || this.version.key.includes(def.name);
      return { def, nullable: def.nullable && !required, slot: this.row.get(def.name) };
    });
    if (maps) this.checkColumnsAreGiven(columns);
    if (this.problems.length > 0) return { kind: 'wrong', problems: this.problems };
    const columnNames = new Set(this.columnOf.keys());
    return { kind: 'compiled', pipeline: { steps, columns, slotCount: this.slotCount, maps, columnNames } };
  }

  private step(step: Step, path: string, index: number): CompiledStep | undefined {
    const kinds = (['map', 'filter', 'validate'] as const).filter((kind) => step[kind] !== undefined);
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) {
      this.problem(path, 'must have exactly one of map, filter and validate.');
      return undefined;
    }
    const label = step.name ?? `${kind} (step ${index + 1})`;
    if (step.map) return this.mapStep(step.map, `${path}.map`, label);
    if (step.filter !== undefined) return this.filterStep(step.filter, `${path}.filter`, label);
    return step.validate && this.validateStep(step.validate.schema, `${path}.validate.schema`, label);
  }

  private mapStep(map: Readonly<Record<string, string>>, path: string, label: string): CompiledStep {
    const before = new Map(this.row);
    const fields: MapField[] = [];
    for (const [name, source] of Object.entries(map)) {
      const column = this.columnOf.get(name);
      if (!column) this.problem(`${path}.${name}`, this.noColumn(name));
      const expression = this.expression(source, `${path}.${name}`, before);
      if (!expression) continue;
      if (column) this.checkType(expression.type, column, `${path}.${name}`);
      const place = this.slotCount++;
      fields.push({ name, place, expression, direct: expression.shortcut?.evaluate });
      this.row.set(name, { place, gives: expression.shortcut?.gives ?? 'value' });
    }
    return { kind: 'map', label, fields, row: before, readsRow: fields.some((field) => field.expression.readsRow) };
  }

  private filterStep(source: string, path: string, label: string): CompiledStep | undefined {
    const row = new Map(this.row);
    const expression = this.expression(source, path, row);
    if (expression && KNOWN_TYPES.test(expression.type) && expression.type !== 'bool') {
      this.problem(path, `must give a bool, and gives ${expression.type}.`);
    }
    return expression && { kind: 'filter', label, expression, row, readsRow: expression.readsRow };
  }

  private validateStep(name: string, path: string, label: string): CompiledStep | undefined {
    const schema = Object.hasOwn(this.version.schemas, name) ? this.version.schemas[name] : undefined;
    if (!schema) {
      const near = nearestName(name, Object.keys(this.version.schemas));
      this.problem(path, `the schema "${name}" is not known${near ? `; is "${near}" meant?` : '.'}`);
      return undefined;
    }
    try {
      if (this.row.size === 0) return { kind: 'validate-record', label, check: compileRecordCheck(schema) };
      const slots = [...this.row];
      const fields = slots.map(([field, slot]) => ({
        name: field,
        isTimestamp: this.columnOf.get(field)?.type === 'timestamp',
        givesMoments: slot.gives === 'moment',
      }));
      return {
        kind: 'validate',
        label,
        check: compileRowCheck(schema, fields),
        places: slots.map(([, slot]) => slot.place),
      };
    } catch (error) {
      this.problem(
        path,
        `the schema "${name}" cannot be compiled: ${error instanceof Error ? error.message : 'unknown'}.`,
      );
      return undefined;
    }
  }

  private expression(source: string, path: string, row: RowSlots): CelExpression | undefined {
    try {
      return compileCel(source, { hasRow: row.size > 0 });
    } catch (error) {
      if (!(error instanceof CelMistake)) throw error;
      this.problem(path, `${error.message} (in \`${source.slice(0, 100)}\`).`);
      return undefined;
    }
  }

  private checkType(type: string, column: ColumnDef, path: string): void {
    if (column.type === 'json' || !KNOWN_TYPES.test(type) || FITS[column.type].includes(type)) return;
    const hint = HINTS[`${type}->${column.type}`];
    this.problem(path, `gives ${type}, but the column is ${column.type}.${hint ? ` ${hint}` : ''}`);
  }

  private checkColumnsAreGiven(columns: readonly CompiledColumn[]): void {
    for (const { def, nullable, slot } of columns) {
      if (slot || nullable) continue;
      this.problem('spec.steps', `no map step gives "${def.name}", and that column takes no null.`);
    }
  }

  private noColumn(name: string): string {
    return noColumnReason(name, this.columnOf.keys());
  }

  private problem(path: string, message: string): void {
    this.problems.push({ path, message });
  }
}

/** Says that a field has no column, and the column that was probably meant. */
export function noColumnReason(name: string, columns: Iterable<string>): string {
  const near = nearestName(name, columns);
  return `the dataset has no column "${name.slice(0, 100)}"${near ? `; is "${near}" meant?` : '.'}`;
}

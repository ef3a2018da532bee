import jsonata from 'jsonata';
import type { ColumnDef } from '#libs/contracts/columns';
import type { InstallSteps, StepProblem } from '#libs/contracts/steps';
import { Lookup, Redaction, Step, STEP_KINDS } from '#libs/documents/step';
import { CelExpression, compileCel } from './cel';
import { CelMistake } from './cel-mistake';
import { Failure } from './failure';
import { dateFromMicros, Micros } from './instants';
import { nearestName, noColumnReason } from './nearest-name';
import { Compilation, CompiledColumn, CompiledStep, MapField, RowSlots, Slot, StepAction } from './pipeline';
import { finder, redact, withFields, withNames, withoutFields, withRedactions } from './record-edits';
import { isLightWork, weightOf } from './light-work';
import { compileRecordCheck, compileRowCheck } from './schema-check';

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

export interface CompileOptions {
  /** The key under which `redact` hashes: the project's. */
  readonly redactionKey?: Uint8Array;
}

/** Compiles a version's steps against its columns, or says every problem with its path in the document. */
export function compile(version: InstallSteps, options: CompileOptions = {}): Compilation {
  return new Compiler(version, options).compile();
}

/** A check compiles too, and hashes nothing. */
const NO_KEY = new Uint8Array(32);

class Compiler {
  private readonly problems: StepProblem[] = [];
  private readonly columnOf: ReadonlyMap<string, ColumnDef>;
  private readonly key: Uint8Array;
  private readonly row = new Map<string, Slot>();
  private slotCount = 0;
  private maps = false;
  private hasParent = false;
  private changesRecord = false;
  private reshape?: { readonly label: string; readonly jsonata: string };

  constructor(
    private readonly version: InstallSteps,
    { redactionKey = NO_KEY }: CompileOptions,
  ) {
    this.columnOf = new Map(version.columns.map((column) => [column.name, column]));
    this.key = redactionKey;
  }

  compile(): Compilation {
    const steps = this.version.steps.flatMap((step, i) => this.step(step, `spec.steps[${i}]`, i) ?? []);
    const columns = this.version.columns.map((def): CompiledColumn => {
      const required = def.name === this.version.time || this.version.key.includes(def.name);
      return { def, nullable: def.nullable && !required, slot: this.row.get(def.name) };
    });
    if (this.maps) {
      this.checkRowHasColumns();
      this.checkColumnsAreGiven(columns);
    }
    if (this.problems.length > 0) return { kind: 'wrong', problems: this.problems };
    const { reshape, slotCount, maps } = this;
    const columnNames = new Set(this.columnOf.keys());
    const weight = weightOf(this.version.steps);
    const isLight = !reshape && isLightWork(steps, this.version);
    return { kind: 'compiled', pipeline: { reshape, steps, columns, slotCount, maps, columnNames, weight, isLight } };
  }

  private step(step: Step, path: string, index: number): CompiledStep | undefined {
    const kinds = STEP_KINDS.filter((kind) => step[kind] !== undefined);
    const [written] = kinds;
    if (written === undefined || kinds.length > 1) {
      this.problem(path, `must have exactly one of ${STEP_KINDS.join(', ')}.`);
      return undefined;
    }
    const label = step.name ?? `${written} (step ${index + 1})`;
    if (step.reshape) {
      if (index > 0) this.problem(path, 'reshape can be the first step alone.');
      this.checkJsonata(step.reshape.jsonata, `${path}.reshape.jsonata`);
      this.reshape = { label, jsonata: step.reshape.jsonata };
      this.changesRecord = true;
      return undefined;
    }
    const action = this.action(step, `${path}.${written}`);
    if (action?.kind === 'record') this.changesRecord = true;
    return action && { ...action, label, written };
  }

  private action(step: Step, path: string): StepAction | undefined {
    if (step.map) {
      this.maps = true;
      return this.mapStep(step.map, path);
    }
    if (step.set) return this.maps ? this.mapStep(step.set, path) : this.setStep(step.set, path);
    if (step.unset) return this.unsetStep(step.unset, path);
    if (step.rename) return this.renameStep(step.rename, path);
    if (step.filter !== undefined) return this.filterStep(step.filter, path);
    if (step.split !== undefined) return this.splitStep(step.split, path);
    if (step.lookup) return this.lookupStep(step.lookup, path);
    if (step.redact) return this.redactStep(step.redact, path);
    return step.validate && this.validateStep(step.validate.schema, `${path}.schema`);
  }

  private mapStep(map: Readonly<Record<string, string>>, path: string): StepAction {
    const before = new Map(this.row);
    const fields: MapField[] = [];
    for (const [name, source] of Object.entries(map)) {
      const expression = this.expression(source, `${path}.${name}`, before);
      if (!expression) continue;
      const slot = this.slot(name, expression.shortcut?.gives ?? 'value', expression.type, `${path}.${name}`);
      fields.push({ name, place: slot.place, expression, direct: expression.shortcut?.evaluate });
    }
    return { kind: 'map', fields, row: before, readsRow: fields.some((field) => field.expression.readsRow) };
  }

  private setStep(set: Readonly<Record<string, string>>, path: string): StepAction {
    const fields = Object.entries(set).flatMap(([name, source]) => {
      const expression = this.expression(source, `${path}.${name}`, this.row);
      return expression ? [{ name, expression }] : [];
    });
    return {
      kind: 'record',
      change: (record, scope) => {
        const given: [string, unknown][] = [];
        for (const { name, expression } of fields) {
          const value = expression.evaluate(scope());
          if (value instanceof Failure) return new Failure(`${name}: ${value.reason}`);
          given.push([name, value]);
        }
        return withFields(record, given);
      },
    };
  }

  private unsetStep(fields: readonly string[], path: string): StepAction {
    if (!this.maps) return { kind: 'record', change: (record) => withoutFields(record, fields) };
    fields.forEach((name, at) => {
      if (!this.row.delete(name)) this.problem(`${path}[${at}]`, this.noField(name));
    });
    return { kind: 'done' };
  }

  private renameStep(names: Readonly<Record<string, string>>, path: string): StepAction {
    const pairs = Object.entries(names);
    if (!this.maps) return { kind: 'record', change: (record) => withNames(record, pairs) };
    const taken: [string, Slot][] = [];
    for (const [from, to] of pairs) {
      const slot = this.row.get(from);
      if (slot) taken.push([to, { ...slot, path: `${path}.${from}` }]);
      else this.problem(`${path}.${from}`, this.noField(from));
      this.row.delete(from);
    }
    for (const [to, slot] of taken) {
      if (this.row.has(to)) this.problem(slot.path, `the row has a field "${to}" already.`);
      this.row.set(to, slot);
    }
    return { kind: 'done' };
  }

  private filterStep(source: string, path: string): StepAction | undefined {
    const row = new Map(this.row);
    const expression = this.expression(source, path, row);
    if (expression && KNOWN_TYPES.test(expression.type) && expression.type !== 'bool') {
      this.problem(path, `must give a bool, and gives ${expression.type}.`);
    }
    return expression && { kind: 'filter', expression, row, readsRow: expression.readsRow };
  }

  private splitStep(source: string, path: string): StepAction | undefined {
    const row = new Map(this.row);
    const expression = this.expression(source, path, row);
    if (expression && KNOWN_TYPES.test(expression.type) && !expression.type.startsWith('list')) {
      this.problem(path, `must give a list, and gives ${expression.type}.`);
    }
    this.hasParent = true;
    return expression && { kind: 'split', expression, row, readsRow: expression.readsRow };
  }

  private lookupStep(lookup: Lookup, path: string): StepAction | undefined {
    const row = new Map(this.row);
    const expression = this.expression(lookup.key, `${path}.key`, row);
    const members = new Set(Object.values(lookup.table ?? {}).flatMap((one) => Object.keys(one)));
    for (const [name, member] of Object.entries(lookup.set)) {
      if (members.has(member) || members.size === 0) continue; // of a dataset that was empty
      const near = nearestName(member, members);
      this.problem(`${path}.set.${name}`, `no row of the table has "${member}"${near ? `; is "${near}" meant?` : '.'}`);
    }
    const find = finder(lookup);
    const outputs = Object.entries(lookup.set);
    const places = this.maps
      ? outputs.map(([name]) => this.slot(name, 'value', 'dyn', `${path}.set.${name}`).place)
      : [];
    if (!expression) return undefined;
    if (!this.maps) {
      return {
        kind: 'record',
        change: (record, scope) => {
          const found = find(expression.evaluate(scope()));
          if (found instanceof Failure) return found;
          return withFields(
            record,
            outputs.map(([name, member]) => [name, found?.[member] ?? null] as const),
          );
        },
      };
    }
    return {
      kind: 'row',
      row,
      readsRow: expression.readsRow,
      change: (values, scope) => {
        const found = find(expression.evaluate(scope()));
        if (found instanceof Failure) return found;
        outputs.forEach(([, member], at) => (values[places[at] ?? 0] = found?.[member] ?? null));
        return undefined;
      },
    };
  }

  private redactStep(fields: Readonly<Record<string, Redaction>>, path: string): StepAction {
    const { key } = this;
    const pairs = Object.entries(fields);
    if (!this.maps) return { kind: 'record', change: (record) => withRedactions(record, pairs, key) };
    const edits = pairs.flatMap(([name, how]) => {
      const slot = this.row.get(name);
      if (!slot) this.problem(`${path}.${name}`, this.noField(name));
      this.row.delete(name);
      if (!slot || how === 'drop') return [];
      return [{ name, how, from: slot, to: this.slot(name, 'value', 'string', `${path}.${name}`).place }];
    });
    return {
      kind: 'row',
      row: new Map(),
      readsRow: false,
      change: (values) => {
        for (const { name, how, from, to } of edits) {
          const value = values[from.place];
          const seen = from.gives === 'moment' && value !== null ? dateFromMicros(value as Micros) : value; // by plan
          const redacted = redact(seen, how, key);
          if (redacted instanceof Failure) return new Failure(`${name}: ${redacted.reason}`);
          values[to] = redacted;
        }
        return undefined;
      },
    };
  }

  private validateStep(name: string, path: string): StepAction | undefined {
    const schema = Object.hasOwn(this.version.schemas, name) ? this.version.schemas[name] : undefined;
    if (!schema) {
      const near = nearestName(name, Object.keys(this.version.schemas));
      this.problem(path, `the schema "${name}" is not known${near ? `; is "${near}" meant?` : '.'}`);
      return undefined;
    }
    try {
      if (!this.maps) return { kind: 'validate-record', check: compileRecordCheck(schema, this.changesRecord) };
      const slots = [...this.row];
      const fields = slots.map(([field, slot]) => ({
        name: field,
        isTimestamp: this.columnOf.get(field)?.type === 'timestamp',
        givesMoments: slot.gives === 'moment',
      }));
      return { kind: 'validate', check: compileRowCheck(schema, fields), places: slots.map(([, slot]) => slot.place) };
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown';
      this.problem(path, `the schema "${name}" cannot be compiled: ${why}.`);
      return undefined;
    }
  }

  /** Parses, and runs nothing. */
  private checkJsonata(source: string, path: string): void {
    try {
      jsonata(source);
    } catch (thrown) {
      const message: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'message') : thrown;
      this.problem(path, `is no JSONata: ${String(message)} (in \`${source.slice(0, 100)}\`).`);
    }
  }

  private slot(name: string, gives: Slot['gives'], type: string, path: string): Slot {
    const slot = { place: this.slotCount++, gives, type, path };
    this.row.set(name, slot);
    return slot;
  }

  private expression(source: string, path: string, row: RowSlots): CelExpression | undefined {
    try {
      return compileCel(source, { hasRow: row.size > 0, hasParent: this.hasParent });
    } catch (error) {
      if (!(error instanceof CelMistake)) throw error;
      this.problem(path, `${error.message} (in \`${source.slice(0, 100)}\`).`);
      return undefined;
    }
  }

  private checkRowHasColumns(): void {
    for (const [name, { type, path }] of this.row) {
      const column = this.columnOf.get(name);
      if (column) this.checkType(type, column, path);
      else this.problem(path, noColumnReason(name, this.columnOf.keys()));
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

  private noField(name: string): string {
    const near = nearestName(name, this.row.keys());
    return `the row has no field "${name.slice(0, 100)}"${near ? `; is "${near}" meant?` : '.'}`;
  }

  private problem(path: string, message: string): void {
    this.problems.push({ path, message });
  }
}

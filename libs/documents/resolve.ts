import { ColumnDefinition, columnsOfSchema } from './columns-of-schema';
import { Problem } from './document-problems';
import { Measure, parseMeasure } from './measure';
import { nearest } from './nearest';
import { COLUMN_NAME } from './schemas/parts';
import { ColumnType } from './store';
import { RollupBucket, rollupBucketOf } from './rollup';
import { storeColumnProblems } from './store-rules';
import { JsonSchema, PipelineDocument, PipelineSpec } from './pipeline';
import { ConnectionPlace, resolveSource } from './resolve-source';

export type ResolvedRollup = RollupBucket & {
  readonly name: string;
  readonly by: readonly string[];
  readonly measures: readonly Measure[];
};

/** A pipeline with everything that it refers to written out: what a version freezes. */
export interface ResolvedPipeline {
  readonly spec: PipelineSpec;
  /** `name@version` -> schema, for the schemas that steps name. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  readonly columns: readonly ColumnDefinition[];
  readonly rollups: readonly ResolvedRollup[];
}

/** What a pipeline may refer to. */
export interface References {
  readonly schema: (ref: string) => JsonSchema | undefined;
  readonly connection: (name: string) => ConnectionPlace | undefined;
}

const NUMERIC: ReadonlySet<Measure['fn']> = new Set(['sum', 'avg', 'stddev', 'quantile']);

/** Writes a pipeline's references out, or says what is wrong with them. */
export function resolvePipeline({ spec }: PipelineDocument, references: References): ResolvedPipeline | Problem[] {
  const problems: Problem[] = [];
  const schemas: Record<string, JsonSchema> = {};
  spec.steps.forEach((step, at) => {
    const ref = step.validate?.schema;
    if (ref === undefined) return;
    const schema = references.schema(ref);
    if (schema) schemas[ref] = schema;
    else
      problems.push({ path: `spec.steps[${at}].validate.schema`, message: `there is no Schema ${ref}; apply it too` });
  });
  const source = spec.source ? resolveSource(spec.source, references.connection, problems) : undefined;
  const columns = columnsOf(spec, schemas, problems);
  const rollups = (spec.rollups ?? []).map((_, at) => resolveRollup(spec, at, columns, problems));
  if (columns.length > 0) {
    problems.push(
      ...alikeProblems(columns),
      ...storeProblems(spec, columns),
      ...storeColumnProblems(spec.store, columns),
    );
  }
  if (problems.length > 0) return problems;
  return { spec: source ? { ...spec, source } : spec, schemas, columns, rollups };
}

function columnsOf(
  { store, steps }: PipelineSpec,
  schemas: Readonly<Record<string, JsonSchema>>,
  problems: Problem[],
): ColumnDefinition[] {
  if (store.columns) {
    return Object.entries(store.columns).map(([name, type]) => ({
      name,
      type: type.replace('?', '') as ColumnType, // the document's schema admits no other
      nullable: type.endsWith('?'),
    }));
  }
  const last = steps
    .map(({ validate }) => validate?.schema)
    .filter((ref) => ref !== undefined)
    .at(-1);
  if (last === undefined) {
    problems.push({
      path: 'spec.store',
      message: 'the columns have no types: name them in store.columns, or validate against a schema in the last step',
    });
    return [];
  }
  const schema = schemas[last];
  if (!schema) return []; // told where the step names it
  const columns = columnsOfSchema(schema);
  const path = 'spec.store';
  if (columns.length === 0)
    problems.push({ path, message: `Schema ${last} names no properties, so there are no columns` });
  for (const { name } of columns) {
    if (!new RegExp(COLUMN_NAME.pattern).test(name)) {
      problems.push({ path, message: `"${name}" of Schema ${last} cannot be a column: use letters, digits and "_"` });
    }
  }
  return columns;
}

/** Engines do not tell names by their case alone. */
function alikeProblems(columns: readonly ColumnDefinition[]): Problem[] {
  const seen = new Map<string, string>();
  return columns.flatMap(({ name }) => {
    const other = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    return other === undefined
      ? []
      : [{ path: 'spec.store', message: `the columns "${other}" and "${name}" differ by case alone` }];
  });
}

function storeProblems({ store }: PipelineSpec, columns: readonly ColumnDefinition[]): Problem[] {
  const problems: Problem[] = [];
  const time = columns.find(({ name }) => name === store.time);
  if (!time) problems.push({ path: 'spec.store.time', message: unknownColumn(store.time, columns) });
  else if (time.type !== 'timestamp' || time.nullable) {
    problems.push({ path: 'spec.store.time', message: `"${store.time}" must be a timestamp that is never null` });
  }
  store.key.forEach((name, at) => {
    const column = columns.find((candidate) => candidate.name === name);
    const path = `spec.store.key[${at}]`;
    if (!column) problems.push({ path, message: unknownColumn(name, columns) });
    else if (column.nullable) problems.push({ path, message: `"${name}" can be null, and a key cannot: require it` });
  });
  return problems;
}

function resolveRollup(
  spec: PipelineSpec,
  at: number,
  columns: readonly ColumnDefinition[],
  problems: Problem[],
): ResolvedRollup {
  const rollup = spec.rollups![at]!; // counted by the caller
  const known = (path: string, name: string): void => {
    if (columns.length > 0 && !columns.some((column) => column.name === name)) {
      problems.push({ path, message: unknownColumn(name, columns) });
    }
  };
  (rollup.by ?? []).forEach((name, index) => known(`spec.rollups[${at}].by[${index}]`, name));
  const measures = Object.entries(rollup.measures).flatMap(([name, call]) => {
    const measure = parseMeasure(name, call);
    if (typeof measure === 'string') return []; // told when the document was parsed
    if (measure.column !== undefined) {
      const path = `spec.rollups[${at}].measures.${name}`;
      known(path, measure.column);
      const type = columns.find((column) => column.name === measure.column)?.type;
      if (type !== undefined && NUMERIC.has(measure.fn) && type !== 'int' && type !== 'double') {
        problems.push({ path, message: `${measure.fn} needs numbers, and "${measure.column}" is a ${type}` });
      }
    }
    return [measure];
  });
  return { name: rollup.name, ...rollupBucketOf(rollup), by: rollup.by ?? [], measures };
}

function unknownColumn(name: string, columns: readonly ColumnDefinition[]): string {
  const names = columns.map((column) => column.name);
  const meant = nearest(name, names);
  return `there is no column "${name}"${meant === undefined ? `; there are ${names.join(', ')}` : `; did you mean "${meant}"?`}`;
}

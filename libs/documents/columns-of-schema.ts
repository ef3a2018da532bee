import { ColumnType } from './store';
import { JsonSchema } from './pipeline';

export interface ColumnDefinition {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

const TYPE_OF: Readonly<Record<string, ColumnType>> = {
  string: 'string',
  integer: 'int',
  number: 'double',
  boolean: 'bool',
  object: 'json',
  array: 'json',
};

/**
 * The columns that a JSON Schema of an object describes: one a property, in the schema's order. A property that is not
 * required, or whose type admits `null`, is nullable; `format: date-time` makes a timestamp; what has no single type is
 * kept as JSON.
 */
export function columnsOfSchema(schema: JsonSchema): ColumnDefinition[] {
  const properties = asRecord(schema.properties) ?? {};
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(properties).map(([name, property]) => {
    const { type, nullable } = typeOfProperty(asRecord(property) ?? {});
    return { name, type, nullable: nullable || !required.has(name) };
  });
}

function typeOfProperty(property: Readonly<Record<string, unknown>>): { type: ColumnType; nullable: boolean } {
  const declared = Array.isArray(property.type) ? property.type : [property.type];
  const types = declared.filter((type): type is string => typeof type === 'string' && type !== 'null');
  const nullable = declared.includes('null');
  const [only] = types;
  if (types.length !== 1 || only === undefined) return { type: 'json', nullable };
  if (only === 'string' && property.format === 'date-time') return { type: 'timestamp', nullable };
  return { type: TYPE_OF[only] ?? 'json', nullable };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>) // an object that is no array is a record
    : undefined;
}

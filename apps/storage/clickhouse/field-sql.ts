import { Field } from '#libs/query/field';
import { SqlValues } from './sql-values';
import { quoted } from './tables';

/** A field as an expression over its table, in the type that the field says. */
export function fieldSql({ column, path, type }: Field, values: SqlValues): string {
  if (!path) return quoted(column);
  const steps = path.map((step) => (typeof step === 'number' ? String(step + 1) : values.text(step))); // from 1 there
  const place = [quoted(column), ...steps].join(', ');
  const kind = `toString(JSONType(${place}))`;
  if (type === 'double') {
    return `if(${kind} IN ('Int64', 'UInt64', 'Double'), toNullable(JSONExtractFloat(${place})), NULL)`;
  }
  const text = `if(${kind} = 'String', JSONExtractString(${place}), JSONExtractRaw(${place}))`;
  return `if(${kind} = 'Null', NULL, toNullable(${text}))`;
}

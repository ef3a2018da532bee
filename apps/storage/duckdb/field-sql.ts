import { Field } from '#libs/query/field';
import { quoted } from './identifiers';
import { Parameters } from './parameters';

/** A field as an expression over its table, in the type that the field says. */
export function fieldSql({ column, path, type }: Field, parameters: Parameters): string {
  if (!path) return quoted(column);
  const place = parameters.add(
    `$${path.map((step) => (typeof step === 'number' ? `[${step}]` : `."${step}"`)).join('')}`,
  );
  const text = `json_extract_string(${quoted(column)}, ${place})`;
  if (type !== 'double') return text;
  return `CASE WHEN json_type(${quoted(column)}, ${place}) IN ('UBIGINT', 'BIGINT', 'DOUBLE') THEN TRY_CAST(${text} AS DOUBLE) END`;
}

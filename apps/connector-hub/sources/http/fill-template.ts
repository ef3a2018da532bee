import { templateParts } from '#libs/documents/template';
import { Scalar } from '#libs/documents/sources/http';

/** The values of a request by their names; a name without one is left out or, within a text, empty. */
export type Values = Readonly<Record<string, Scalar | undefined>>;

type Write = (value: Scalar) => string;

/** The text with its values; undefined when it is one template alone whose value there is not. */
export function fillText(template: string, values: Values, write: Write = String): string | undefined {
  const value = fillValue(template, values, write);
  return value === undefined ? undefined : String(value);
}

/** Every text of a JSON value filled in; a text that is one template keeps its value's type, a member without is left out. */
export function fillJson(value: unknown, values: Values): unknown {
  if (typeof value === 'string') return fillValue(value, values, String);
  if (Array.isArray(value)) return value.map((item) => fillJson(item, values) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, fillJson(member, values)] as const)
      .filter(([, member]) => member !== undefined),
  );
}

function fillValue(template: string, values: Values, write: Write): Scalar | undefined {
  const parts = templateParts(template);
  const [only] = parts;
  if (parts.length === 1 && only && 'name' in only) {
    const value = values[only.name];
    return value === undefined || write === String ? value : write(value);
  }
  return parts.map((part) => ('text' in part ? part.text : filled(values[part.name], write))).join('');
}

const filled = (value: Scalar | undefined, write: Write): string => (value === undefined ? '' : write(value));

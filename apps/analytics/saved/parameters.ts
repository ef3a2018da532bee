import { QueryDefinition, QueryParameter } from '#libs/contracts/saved-queries';
import { BadRequest, FieldProblem, Unprocessable } from '#libs/errors/errors';

export type ParameterValue = string | number | boolean;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

const NAME = /^[a-z][a-z0-9_]{0,39}$/;
const PARAMETERS_MAX = 30;
const PLACE = /^\$([a-z][a-z0-9_]{0,39})$/;

/** What is wrong with a definition's own parameters. */
export function parameterProblems({ parameters = {}, query, sql }: QueryDefinition): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if ((query === undefined) === (sql === undefined)) {
    problems.push({ path: 'definition', message: 'has exactly one of "query" and "sql"' });
  }
  const entries = Object.entries(parameters);
  if (entries.length > PARAMETERS_MAX) problems.push({ path: 'parameters', message: `are at most ${PARAMETERS_MAX}` });
  for (const [name, { type, default: fallback }] of entries) {
    const path = `parameters.${name}`;
    if (!NAME.test(name)) problems.push({ path, message: 'is named with a-z, 0-9 and "_", 40 at most' });
    if (fallback !== undefined && valueOf({ type }, String(fallback)) === undefined) {
      problems.push({ path: `${path}.default`, message: `is no ${type}` });
    }
  }
  const places = placesIn(query);
  for (const name of places) {
    if (!(name in parameters)) problems.push({ path: 'query', message: `"$${name}" is no parameter of it` });
  }
  return problems;
}

/**
 * The values that a caller's texts mean. Throws BadRequest `query.parameter_unknown` for a name that the query does not
 * have, Unprocessable `query.parameter_invalid` for one that is missing or no such value.
 */
export function parameterValues(
  { parameters = {} }: QueryDefinition,
  given: Readonly<Record<string, string>>,
): ParameterValues {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(parameters, name));
  if (unknown !== undefined) {
    const names = Object.keys(parameters);
    throw new BadRequest(
      'query.parameter_unknown',
      `This query has no parameter "${unknown}"; it has ${names.length === 0 ? 'none' : names.join(', ')}.`,
      { fields: [{ path: unknown, message: 'unknown field' }] },
    );
  }
  const fields: FieldProblem[] = [];
  const values = Object.entries(parameters).flatMap(([name, parameter]): [string, ParameterValue][] => {
    const text = given[name] ?? (parameter.default === undefined ? undefined : String(parameter.default));
    const value = text === undefined ? undefined : valueOf(parameter, text);
    if (value === undefined)
      fields.push({ path: name, message: text === undefined ? 'is missing' : `is no ${parameter.type}` });
    return value === undefined ? [] : [[name, value]];
  });
  if (fields.length > 0) {
    throw new Unprocessable('query.parameter_invalid', `${fields[0]?.path} ${fields[0]?.message}.`, { fields });
  }
  return Object.fromEntries(values);
}

/** A question with each text that is `$name` as a whole replaced by the value: a value never becomes a part of anything. */
export function filledIn(value: unknown, values: ParameterValues): unknown {
  if (typeof value === 'string') {
    const name = PLACE.exec(value)?.[1];
    return name !== undefined && Object.hasOwn(values, name) ? values[name] : value;
  }
  if (Array.isArray(value)) return value.map((item: unknown) => filledIn(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledIn(item, values)]));
}

function placesIn(value: unknown): string[] {
  if (typeof value === 'string') return PLACE.exec(value)?.slice(1, 2) ?? [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(placesIn);
}

function valueOf({ type }: Pick<QueryParameter, 'type'>, text: string): ParameterValue | undefined {
  switch (type) {
    case 'string':
      return text.isWellFormed() && text.length <= 1_000 ? text : undefined;
    case 'time':
      return text.length <= 60 && text !== '' ? text : undefined; // read where it stands
    case 'number':
      return /^-?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?$/.test(text) && Number.isFinite(Number(text))
        ? Number(text)
        : undefined;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
  }
}

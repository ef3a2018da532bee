import { SqlValues } from '../sql-values';
import { unsupported } from './types';

type Step = string | number;

/** A path as DuckDB reads it (`$.a."b"[0]`, or the name of a field), in steps. Throws where it is not that plain. */
export function jsonPath(path: string): readonly Step[] {
  if (!path.startsWith('$')) {
    if (path.startsWith('/') || path === '') throw unsupported(`the JSON path "${path}"`);
    return [path];
  }
  const steps: Step[] = [];
  let rest = path.slice(1);
  while (rest !== '') {
    const step = /^(?:\.([A-Za-z_][A-Za-z_0-9]*)|\."([^"\\]+)"|\[(\d{1,9})\])/.exec(rest);
    if (!step) throw unsupported(`the JSON path "${path}"`);
    steps.push(step[3] === undefined ? (step[1] ?? step[2] ?? '') : Number(step[3]));
    rest = rest.slice(step[0].length);
  }
  return steps;
}

/** What lies there as text: a text without its quotes, null as null. What is no JSON ends the statement. */
export function jsonText(json: string, steps: readonly Step[], values: SqlValues): string {
  const places = steps.map((step) => (typeof step === 'number' ? String(step + 1) : values.text(step))); // from 1 there
  const place = [`ifNull(${json}, 'null')`, ...places].join(', ');
  // A number would name a field of an object there, by its place.
  const lists = steps.flatMap((step, at) =>
    typeof step === 'number'
      ? [`JSONType(${[`ifNull(${json}, 'null')`, ...places.slice(0, at)].join(', ')}) = 'Array' AND `]
      : [],
  );
  const kind = `toString(JSONType(${place}))`;
  const raw = `JSONExtractRaw(${place})`;
  // A double is written with its point in the one engine, and without in the other.
  const double = `if(match(${raw}, '[.eE]'), ${raw}, concat(${raw}, '.0'))`;
  const text = `multiIf(${kind} = 'String', JSONExtractString(${place}), ${kind} = 'Double', ${double}, ${raw})`;
  const broken = `throwIf(isNotNull(${json}) AND NOT isValidJSON(ifNull(${json}, 'null')), '[[A text is not JSON.]]')`;
  return `if(${broken} = 0 AND ${lists.join('')}${kind} != 'Null' AND isNotNull(${json}), toNullable(${text}), NULL)`;
}

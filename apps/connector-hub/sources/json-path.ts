import { JSONPathEnvironment, JSONPathNodeList, JSONPathQuery, JSONValue } from 'json-p3';
import { RE2JS } from 're2js';

const environment = new JSONPathEnvironment();

/** JSONPath's `match` and `search` on an engine that cannot backtrack: the library's own took seconds on a hostile text. */
const regex = (whole: boolean) => ({
  argTypes: ['ValueType', 'ValueType'] as never,
  returnType: 'LogicalType' as never,
  call: (text: unknown, pattern: unknown): boolean => {
    if (typeof text !== 'string' || typeof pattern !== 'string') return false;
    const matcher = RE2JS.compile(pattern).matcher(text);
    return whole ? matcher.matches() : matcher.find();
  },
});
environment.functionRegister.set('match', regex(true)); // the library's types want its enum's members
environment.functionRegister.set('search', regex(false));

const compiled = new Map<string, JSONPathQuery>();
const COMPILED_MAX = 500;

/** The values that a JSONPath (RFC 9535) finds, in document order. */
export const find = (path: string, value: unknown): unknown[] => queried(path, value).values();

/** The values that a JSONPath finds, each with its location: member names and list indices from the outside in. */
export const findPlaces = (path: string, value: unknown): { value: unknown; location: (string | number)[] }[] =>
  queried(path, value).nodes;

function queried(path: string, value: unknown): JSONPathNodeList {
  let query = compiled.get(path);
  if (!query) {
    query = environment.compile(path);
    if (compiled.size >= COMPILED_MAX) compiled.clear();
    compiled.set(path, query);
  }
  return query.query(value as JSONValue); // it came from JSON.parse
}

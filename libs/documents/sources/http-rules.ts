import { Problem } from '../document-problems';
import { HttpPull } from './http';
import { jsonPathProblem } from './json-path-problem';

/** What no schema can say of an http source. */
export function httpProblems({ http, paginate, cursor }: HttpPull): Problem[] {
  const problems: Problem[] = [];
  if (paginate && (paginate.offset === undefined) === (paginate.nextUrl === undefined)) {
    problems.push({ path: 'spec.source.paginate', message: 'takes exactly one of "offset" and "nextUrl"' });
  }
  const paths = [
    ['spec.source.http.records', http.records],
    ['spec.source.paginate.nextUrl.path', paginate?.nextUrl?.path],
    ['spec.source.cursor.path', cursor?.path],
  ] as const;
  for (const [path, jsonPath] of paths) {
    const problem = jsonPath === undefined ? undefined : jsonPathProblem(jsonPath);
    if (problem !== undefined) problems.push({ path, message: problem });
  }
  return problems;
}

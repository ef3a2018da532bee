import { compile } from 'json-p3';
import { Problem } from './document-problems';
import { Source } from './source';

/** What no schema can say of a source. */
export function sourceProblems({ http, paginate, cursor }: Source): Problem[] {
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

function jsonPathProblem(path: string): string | undefined {
  try {
    compile(path);
    return undefined;
  } catch (thrown) {
    return `"${path}" is no JSONPath (RFC 9535): ${thrown instanceof Error ? thrown.message : ''}`;
  }
}

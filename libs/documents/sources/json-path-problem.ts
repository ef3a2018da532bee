import { compile } from 'json-p3';

/** What is wrong with a JSONPath (RFC 9535), as a sentence; undefined when nothing is. */
export function jsonPathProblem(path: string): string | undefined {
  try {
    compile(path);
    return undefined;
  } catch (thrown) {
    return `"${path}" is no JSONPath (RFC 9535): ${thrown instanceof Error ? thrown.message : ''}`;
  }
}

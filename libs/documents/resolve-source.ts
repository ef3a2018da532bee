import { Problem } from './document-problems';
import { addressOf, kindOf, Source, SOURCE_KINDS } from './source';

/** What a document of the kind Connection says of where something is. */
export interface ConnectionPlace {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const CONNECTION = /^\$\{connection\.([a-z][a-z0-9_-]*)\}/;

/** Writes the connection that begins a source's URL out, and tells what is wrong with either. */
export function resolveSource(
  source: Source,
  connectionNamed: (name: string) => ConnectionPlace | undefined,
  problems: Problem[],
): Source {
  const kind = kindOf(source);
  const { schemes } = SOURCE_KINDS[kind];
  const path = `spec.source.${kind}.url`;
  const written = addressOf(source);
  if (written === undefined) return source;
  const name = CONNECTION.exec(written)?.[1];
  if (name === undefined) {
    problems.push(...urlProblems(written, schemes, path));
    return source;
  }
  const connection = connectionNamed(name);
  if (!connection) {
    problems.push({ path, message: `there is no Connection "${name}"; apply it too` });
    return source;
  }
  const base = connection.url.replace(/\/$/, '');
  const url = written.replace(CONNECTION, () => base);
  problems.push(...urlProblems(url, schemes, path));
  return withPlace(source, url, connection.headers);
}

function withPlace(source: Source, url: string, theirs: ConnectionPlace['headers']): Source {
  const headers = theirs ? { ...theirs, ...source.http.headers } : source.http.headers;
  return { ...source, http: { ...source.http, url, ...(headers ? { headers } : {}) } };
}

/** What is wrong with a URL that must begin with one of the schemes. */
export function urlProblems(url: string, schemes: readonly string[], path: string): Problem[] {
  const ok = URL.canParse(url) && schemes.includes(new URL(url).protocol);
  const named = schemes.map((scheme) => scheme.replace(':', '')).join(' or ');
  return ok ? [] : [{ path, message: `"${url}" is not an ${named} URL` }];
}

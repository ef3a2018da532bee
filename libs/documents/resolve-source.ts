import { Problem } from './document-problems';
import { kindOf, placesOf, Source, SOURCE_KINDS, SourcePlace } from './source';
import type { HttpAuth } from './sources/http';

/** What a document of the kind Connection says of where something is, and of how it is told who asks. */
export interface ConnectionPlace {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly auth?: HttpAuth;
}

const CONNECTION = /^\$\{connection\.([a-z][a-z0-9_-]*)\}/;

/** Writes the connections that begin a source's URLs out, and tells what is wrong with either. */
export function resolveSource(
  source: Source,
  connectionNamed: (name: string) => ConnectionPlace | undefined,
  problems: Problem[],
): Source {
  const { schemes } = SOURCE_KINDS[kindOf(source)];
  let resolved = source;
  for (const place of placesOf(source)) {
    const path = `spec.source.${place.path.join('.')}.url`;
    const name = CONNECTION.exec(place.url)?.[1];
    const connection = name === undefined ? undefined : connectionNamed(name);
    if (name !== undefined && !connection) {
      problems.push({ path, message: `there is no Connection "${name}"; apply it too` });
      continue;
    }
    const base = connection?.url.replace(/\/$/, '');
    const url = place.url.replace(CONNECTION, () => base ?? '');
    problems.push(...urlProblems(url, schemes, path));
    if (connection) resolved = withPlace(resolved, place, url, isWeb(schemes) ? connection : {});
  }
  return resolved;
}

/** Whether a kind is asked by HTTP, so that a connection's headers and authentication are for it. */
const isWeb = (schemes: readonly string[]): boolean =>
  schemes.every((scheme) => scheme === 'http:' || scheme === 'https:');

/** The source with a URL written out; what it says itself of headers and authentication goes before the connection's. */
function withPlace(
  source: Source,
  { path, member }: SourcePlace,
  url: string,
  { headers: theirs, auth: theirAuth }: Partial<ConnectionPlace>,
): Source {
  const headers = theirs ? { ...theirs, ...member.headers } : member.headers;
  const auth = member.auth ?? theirAuth;
  const placed = { ...member, url, ...(headers ? { headers } : {}), ...(auth ? { auth } : {}) };
  const within = (outer: object, [step, ...rest]: readonly string[]): object =>
    step === undefined ? placed : { ...outer, [step]: within(Reflect.get(outer, step) as object, rest) };
  return within(source, path) as Source; // the same members, one of them with another URL
}

/** What is wrong with a URL that must begin with one of the schemes. */
export function urlProblems(url: string, schemes: readonly string[], path: string): Problem[] {
  const ok = URL.canParse(url) && schemes.includes(new URL(url).protocol);
  const named = schemes.map((scheme) => scheme.replace(':', '')).join(' or ');
  return ok ? [] : [{ path, message: `"${url}" is not an ${named} URL` }];
}

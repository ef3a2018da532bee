/** A reference to a secret inside a text of a document: `Bearer ${secret.api-token}`. Documents never hold the value. */
const REFERENCE = /\$\{secret\.([a-z][a-z0-9_-]{0,62})\}/g;
/**
 * Where a reference may stand: in headers, and in what a source authenticates with (`auth`). Never in a URL, which ends
 * up in logs and checkpoints; whoever adds a place fills it by `Secrets.open` at the moment of use.
 */
const PLACES = [
  /^spec\.(?:headers|auth)\./,
  /^spec\.source\.(?:parent\.)?[a-z]+\.(?:headers|auth)\./,
  /^spec\.hook\.secrets\[/,
];

/** Anything that means to be one. */
const BEGINNING = /\$\{secret\b[^}]*\}?/g;

/** Names of the secrets that a text, or any text inside an object or list, refers to; each once, in order. */
export function secretNamesIn(value: unknown): string[] {
  const names = new Set<string>();
  eachText(value, (text) => {
    for (const [, name] of text.matchAll(REFERENCE)) if (name !== undefined) names.add(name);
  });
  return [...names];
}

/** The same value with each reference replaced by what `valueOf` gives for its name. */
export function fillSecrets<T>(value: T, valueOf: (name: string) => string): T {
  const filled = (inner: unknown): unknown => {
    if (typeof inner === 'string') return inner.replace(REFERENCE, (_, name: string) => valueOf(name));
    if (Array.isArray(inner)) return inner.map(filled);
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, member]) => [key, filled(member)]));
  };
  return filled(value) as T; // the same shape, with other texts
}

/** What looks like a reference in a text and is none, as `${secret.Upper}`. */
const brokenSecretIn = (text: string): string | undefined =>
  [...text.matchAll(BEGINNING)].map(([found]) => found).find((found) => found.replace(REFERENCE, '') !== '');

/** What is wrong with the references to secrets in a text that stands at `path`; undefined when nothing is. */
export function secretProblem(text: string, path: string): string | undefined {
  const broken = brokenSecretIn(text);
  if (broken !== undefined)
    return `${broken} is no reference to a secret; write ${'${secret.NAME}'} with a name of a-z, 0-9, "_" and "-"`;
  if (secretNamesIn(text).length === 0 || PLACES.some((place) => place.test(path))) return undefined;
  return 'refers to a secret, which may stand in headers and under auth alone, and in the secrets of a hook';
}

function eachText(value: unknown, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value);
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach((inner) => eachText(inner, visit));
}

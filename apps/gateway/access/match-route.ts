/** The route among `routes` that a request of this method and path goes to; literal parts go before places. */
export function matchRoute<T extends { readonly method: string; readonly path: string }>(
  routes: readonly T[],
  method: string,
  path: string,
): T | undefined {
  const parts = partsOf(path);
  return routes
    .filter((route) => route.method === method && fits(partsOf(route.path), parts))
    .sort((a, b) => (rank(a.path) < rank(b.path) ? -1 : 1))[0];
}

/** The values that a path has at the places of its route. */
export function paramsOf(template: string, path: string): Record<string, string> {
  const values = partsOf(path);
  return Object.fromEntries(
    partsOf(template).flatMap((part, at) => (isPlace(part) ? [[part.slice(1), values[at] ?? '']] : [])),
  );
}

const partsOf = (path: string): string[] => path.split('/').slice(1);

const isPlace = (part: string): boolean => part.startsWith(':');

function fits(template: readonly string[], parts: readonly string[]): boolean {
  if (template.length !== parts.length) return false;
  return template.every((part, at) => (isPlace(part) ? parts[at] !== '' : part === parts[at]));
}

/** Sorts a literal part before a place, from the left. */
const rank = (path: string): string =>
  partsOf(path)
    .map((part) => (isPlace(part) ? '1' : '0'))
    .join('');

/** One place at which two JSON values differ; a side that lacks it is undefined. */
export interface Difference {
  /** As a person writes it: `spec.store.key[0]`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Where `after` differs from `before`, in the order of the members of `after`, then of those it lacks. Equal values differ nowhere. */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  if (Object.is(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, at) =>
      differences(before[at], after[at], `${path}[${at}]`),
    ).flat();
  }
  if (isRecord(before) && isRecord(after)) {
    const names = new Set([...Object.keys(after), ...Object.keys(before)]);
    return [...names].flatMap((name) => differences(before[name], after[name], path === '' ? name : `${path}.${name}`));
  }
  return [{ path, before, after }];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

import { ColumnDefinition } from './columns-of-schema';
import { Problem } from './document-problems';
import { durationMs } from './duration';
import { ColumnType, RESERVED_COLUMNS, Store } from './store';

const RETAIN_MIN_MS = 3_600_000;
const VERSION_TYPES: ReadonlySet<ColumnType> = new Set(['int', 'double', 'timestamp']);

/** What no schema can say: which members of a store go together. */
export function storeProblems({ mode = 'append', version, deleted, dedupe, retain }: Store): Problem[] {
  const problems: Problem[] = [];
  if (retain !== undefined && durationMs(retain) < RETAIN_MIN_MS) {
    problems.push({ path: 'spec.store.retain', message: 'is shorter than 1h' });
  }
  if (mode === 'merge') {
    if (version === undefined) {
      problems.push({
        path: 'spec.store.version',
        message: 'mode "merge" needs the column that tells which row is newer',
      });
    }
    if (dedupe)
      problems.push({ path: 'spec.store.dedupe', message: 'goes with mode "append": a merge keeps one row a key' });
    return problems;
  }
  if (version !== undefined) problems.push({ path: 'spec.store.version', message: 'goes with mode "merge" alone' });
  if (deleted !== undefined) problems.push({ path: 'spec.store.deleted', message: 'goes with mode "merge" alone' });
  return problems;
}

/** What a store asks of its columns beside its time and its key. */
export function storeColumnProblems({ version, deleted }: Store, columns: readonly ColumnDefinition[]): Problem[] {
  const problems = columns
    .filter(({ name }) => RESERVED_COLUMNS.has(name.toLowerCase()))
    .map(({ name }) => ({
      path: 'spec.store',
      message: `"${name}" is a name that storage keeps for itself; map it to another`,
    }));
  if (version !== undefined) {
    const column = columns.find(({ name }) => name === version);
    if (!column || column.nullable || !VERSION_TYPES.has(column.type)) {
      problems.push({
        path: 'spec.store.version',
        message: `"${version}" must be an int, a double or a timestamp that is never null`,
      });
    }
  }
  if (deleted !== undefined && columns.find(({ name }) => name === deleted)?.type !== 'bool') {
    problems.push({ path: 'spec.store.deleted', message: `"${deleted}" must be a bool` });
  }
  return problems;
}

import { InstallDataset } from '#libs/contracts/storage.contract';
import { ColumnType } from '#libs/documents/store';
import { FieldProblem } from '#libs/errors/errors';

/** What makes two rows the same event: key and time, the key at any time, or of a key only the newest version stays. */
export type Identity =
  | { readonly by: 'time' }
  | { readonly by: 'key' }
  | { readonly by: 'version'; readonly version: string; readonly deleted?: string };

const VERSION_TYPES: ReadonlySet<ColumnType> = new Set(['int', 'double', 'timestamp']);

export function identityOf({ mode, versionColumn, deletedColumn, dedupe }: InstallDataset): Identity {
  if (mode === 'merge' && versionColumn !== undefined) {
    const deleted = deletedColumn === undefined ? {} : { deleted: deletedColumn };
    return { by: 'version', version: versionColumn, ...deleted };
  }
  return { by: dedupe ?? 'time' };
}

export function sameIdentity(one: Identity, other: Identity): boolean {
  if (one.by !== 'version' || other.by !== 'version') return one.by === other.by;
  return one.version === other.version && one.deleted === other.deleted;
}

export function identityInWords(identity: Identity): string {
  switch (identity.by) {
    case 'time':
      return 'every event of a key and time';
    case 'key':
      return 'one event a key';
    case 'version':
      return `the newest "${identity.version}" of each key`;
  }
}

/** What is wrong with the members of a definition that say when two rows are the same. */
export function identityProblems(request: InstallDataset): FieldProblem[] {
  const { columns, mode, versionColumn: version, deletedColumn: deleted, dedupe } = request;
  const merges = mode === 'merge';
  const problems: FieldProblem[] = [];
  if (merges !== (version !== undefined)) {
    problems.push({ path: 'versionColumn', message: 'A merge, and nothing else, needs a version column.' });
  }
  if (deleted !== undefined && !merges) {
    problems.push({ path: 'deletedColumn', message: 'Only a merge has deleting rows.' });
  }
  if (dedupe !== undefined && merges) {
    problems.push({ path: 'dedupe', message: 'A merge keeps one row a key already.' });
  }
  const column = columns.find(({ name }) => name === version);
  if (version !== undefined && (!column || column.nullable || !VERSION_TYPES.has(column.type))) {
    const message = `"${version}" must be an int, double or timestamp column that is never null.`;
    problems.push({ path: 'versionColumn', message });
  }
  if (deleted !== undefined && columns.find(({ name }) => name === deleted)?.type !== 'bool') {
    problems.push({ path: 'deletedColumn', message: `"${deleted}" must be a bool column.` });
  }
  return problems;
}

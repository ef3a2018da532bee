import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './durable-file';

/**
 * Keys of the files below `root` that begin with `prefix` and come after `after`, in the order of their bytes. Opens only
 * the folders that can hold such keys.
 */
export async function* keysBelow(root: string, prefix: string, after = ''): AsyncGenerator<string> {
  yield* walk(root, prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix, after);
}

async function* walk(root: string, folder: string, prefix: string, after: string): AsyncGenerator<string> {
  for (const name of await namesIn(join(root, folder))) {
    const key = folder + name;
    if (name.endsWith('/')) {
      if (couldHold(key, prefix) && !allBefore(key, after)) yield* walk(root, key, prefix, after);
    } else if (key.startsWith(prefix) && compareKeys(key, after) > 0) {
      yield key;
    }
  }
}

/** Names of files, and of folders with a slash behind: so that they sort as the keys do which they are part of. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.name.startsWith('.') && (entry.isFile() || entry.isDirectory()))
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .sort(compareKeys);
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT', 'ENOTDIR')) return [];
    throw thrown;
  }
}

const couldHold = (folder: string, prefix: string): boolean => folder.startsWith(prefix) || prefix.startsWith(folder);

const allBefore = (folder: string, after: string): boolean =>
  !after.startsWith(folder) && compareKeys(folder, after) < 0;

/** By bytes, as object stores do; JavaScript's own order differs beyond the basic plane. */
function compareKeys(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

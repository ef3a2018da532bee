import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Copies a folder and what is in it. Where the file system can, copies share their blocks. A file that goes while it is
 * copied is left out: who calls knows why that may be. `skip` gets paths below `from`.
 */
export async function copyTree(
  from: string,
  to: string,
  skip: (path: string) => boolean = () => false,
  below = '',
): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of await unlessGone(readdir(from), [])) {
    const path = below === '' ? name : `${below}/${name}`;
    if (skip(path)) continue;
    const stats = await unlessGone(lstat(join(from, name)), undefined);
    if (stats?.isDirectory()) await copyTree(join(from, name), join(to, name), skip, path);
    else if (stats?.isFile()) {
      await unlessGone(copyFile(join(from, name), join(to, name), constants.COPYFILE_FICLONE), undefined);
    }
  }
}

async function unlessGone<T>(work: Promise<T>, instead: T): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return instead;
    throw thrown;
  }
}

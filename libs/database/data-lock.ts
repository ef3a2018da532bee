import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Conflict, Unavailable } from '#libs/errors/errors';
import { errorCode, identityOf, isSameProcess } from './processes';

const LOCK_FILE = 'chartly.pid';

/**
 * Lets one live process own a data folder. After a kill -9 the file names a process that is gone, and the next start
 * takes it over.
 */
export class DataLock {
  private constructor(
    private readonly path: string,
    private readonly identity: string,
  ) {}

  /** Throws Conflict `data.in_use` while a live process owns the folder, Unavailable `data.unwritable` otherwise. */
  static take(dataDir: string): DataLock {
    const path = join(resolve(dataDir), LOCK_FILE);
    const identity = identityOf(process.pid);
    try {
      makeFolder(resolve(dataDir));
      const owner = takeFile(path, identity);
      if (owner !== undefined) {
        throw new Conflict(
          'data.in_use',
          `Another Chartly (pid ${owner}) uses the data folder ${dataDir}. Stop it, or name another folder in CHARTLY_DATA_DIR.`,
        );
      }
    } catch (thrown) {
      if (thrown instanceof Conflict) throw thrown;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw new Unavailable(
        'data.unwritable',
        `The data folder ${dataDir} cannot be written (${reason}). Make it writable, or name another in CHARTLY_DATA_DIR.`,
        { cause: thrown },
      );
    }
    return new DataLock(path, identity);
  }

  release(): void {
    if (read(this.path) === this.identity) rmSync(this.path, { force: true });
  }
}

/**
 * Writes the lock file, or gives the pid of the live owner. The file appears whole, by a link. A stale one is moved
 * aside by a rename, which one of several takers wins; should the rename have caught the fresh lock of a quicker
 * taker, it is put back.
 */
function takeFile(path: string, identity: string): number | undefined {
  const mine = `${path}.${process.pid}`;
  const aside = `${mine}.stale`;
  writeFileSync(mine, identity, { mode: 0o644 });
  try {
    for (;;) {
      if (link(mine, path)) return undefined;
      const found = read(path);
      if (found === undefined) continue; // released meanwhile
      if (isSameProcess(found)) return Number.parseInt(found, 10);
      if (rename(path, aside) && isSameProcess(read(aside) ?? '')) link(aside, path);
    }
  } finally {
    rmSync(mine, { force: true });
    rmSync(aside, { force: true });
  }
}

/** Folder by folder: Node's recursive mkdir never ends where the system answers ENOENT, as in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (thrown) {
    if (errorCode(thrown) !== 'EEXIST') throw thrown;
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === 'EEXIST') return false;
    throw thrown;
  }
}

function rename(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

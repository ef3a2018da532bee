import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Conflict, Unavailable } from '#libs/errors/errors';

const LOCK_FILE = 'chartly.pid';

/**
 * Lets one live process own a data folder. After a kill -9 the file names a process that is gone, and the next start
 * takes it over.
 */
export class DataLock {
  private constructor(private readonly path: string) {}

  /** Throws Conflict `data.in_use` while another live process owns the folder, Unavailable when it cannot be written. */
  static take(dataDir: string): DataLock {
    const path = join(dataDir, LOCK_FILE);
    try {
      mkdirSync(dataDir, { recursive: true });
      takeFile(path, dataDir);
    } catch (thrown) {
      if (thrown instanceof Conflict) throw thrown;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw new Unavailable(
        'data.unwritable',
        `The data folder ${dataDir} cannot be written (${reason}). Make it writable, or name another in CHARTLY_DATA_DIR.`,
      );
    }
    return new DataLock(path);
  }

  release(): void {
    rmSync(this.path, { force: true });
  }
}

function takeFile(path: string, dataDir: string): void {
  try {
    writeFileSync(path, identity(process.pid), { flag: 'wx' });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown; // node's own error
    const [pid, started] = readFileSync(path, 'utf8').trim().split(' ');
    const owner = Number(pid);
    if (owner !== process.pid && isAlive(owner) && startTime(owner) === (started ?? '')) {
      throw new Conflict(
        'data.in_use',
        `Another Chartly (pid ${owner}) uses the data folder ${dataDir}. Stop it, or name another folder in CHARTLY_DATA_DIR.`,
      );
    }
    writeFileSync(path, identity(process.pid));
  }
}

export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'; // alive, and another user's
  }
}

const identity = (pid: number): string => `${pid} ${startTime(pid)}\n`;

/** When a process began, as Linux counts it, so that a pid which came round again is not taken for the old one. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return ''; // no /proc on this system: the pid alone must do
  }
}

import { readFileSync } from 'node:fs';

/** True while a process with this pid runs; one that has ended and only waits to be reaped does not. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if (errorCode(thrown) !== 'EPERM') return false; // else alive, and another user's
  }
  return procStat(pid)?.[0] !== 'Z';
}

/** A process as one line: its pid and when it began, so that a pid which came round again is not taken for the old. */
export const identityOf = (pid: number): string => `${pid} ${procStat(pid)?.[19] ?? ''}\n`;

/** True while the very process of an {@link identityOf} line runs. */
export function isSameProcess(identity: string): boolean {
  const pid = Number.parseInt(identity, 10);
  return isAlive(pid) && identityOf(pid) === identity;
}

/** Sends a signal; false when the process is gone. Throws when it is not ours to signal. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (thrown) {
    if (errorCode(thrown) === 'ESRCH') return false;
    throw thrown;
  }
}

/** The code of one of Node's own errors. */
export const errorCode = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'code') : undefined;

/** The command line of a process; undefined where the system does not tell. */
export function commandOf(pid: number): string | undefined {
  return readProc(pid, 'cmdline')?.replaceAll('\0', ' ');
}

/** The fields of Linux' /proc/<pid>/stat from the state on (proc(5)); undefined on other systems. */
function procStat(pid: number): string[] | undefined {
  const stat = readProc(pid, 'stat');
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

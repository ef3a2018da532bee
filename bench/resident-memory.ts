import { readFileSync } from 'node:fs';

/** What a process holds in memory now, and the most that it ever held, as the kernel counts it. Unit: bytes. Linux only. */
export function residentBytes(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (field: string): number => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? NaN) * 1_024;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

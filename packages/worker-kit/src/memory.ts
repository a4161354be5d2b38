import { readFileSync } from 'node:fs';

/**
 * Resident bytes of a process, from Linux' /proc.
 * @returns undefined where the process or /proc is not there
 */
export function residentBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

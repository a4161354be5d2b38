import { readFileSync } from 'node:fs';

/**
 * The most memory that a process has had resident since it began (Linux).
 * @param {number} pid
 */
export function peakResidentBytes(pid) {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(peak ?? 0) * 1024;
}

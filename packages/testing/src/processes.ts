import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What Linux' /proc says of processes; a process that has gone has nothing to say. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Fields of /proc/<pid>/stat behind the name, which may hold spaces and brackets: state first, then the parent's pid. */
const statOf = (pid: number): string[] | undefined =>
  read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ');

/** Whether a process lives; one that has ended and waits for its parent does not. */
export function isAlive(pid: number): boolean {
  const state = statOf(pid)?.[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Living children of a process. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => Number(statOf(each)?.[1]) === pid && isAlive(each));
}

/** Living children of a process, their children, and so on. */
export const descendantsOf = (pid: number): number[] =>
  childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);

/**
 * Proportional bytes of a process (PSS): what it alone holds, and its share of what it shares with others. Sums of them
 * count nothing twice. 0 of a process that has gone.
 */
export const proportionalBytesOf = (pid: number): number =>
  Number(/^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? '')?.[1] ?? 0) * 1024;

/** Nice value, from -20 to 19. */
export const nicenessOf = (pid: number): number => Number(statOf(pid)?.[16]);

/** Processor time that a process has used, in ticks of 10 ms. */
export function cpuTicksOf(pid: number): number {
  const stat = statOf(pid);
  return Number(stat?.[11] ?? 0) + Number(stat?.[12] ?? 0);
}

/** Resident memory; 0 for a process that has gone. */
export const residentBytesOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0) * 1024;

export function environmentOf(pid: number): Record<string, string> {
  const entries = (read(`/proc/${pid}/environ`) ?? '').split('\0').filter((entry) => entry !== '');
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

/** What the descriptors of a process point to: paths, `socket:[…]`, `pipe:[…]`. */
export function descriptorsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).flatMap((name) => {
      try {
        return [readlinkSync(`${folder}/${name}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

/** Whether any process listens on a TCP port of this machine. */
export function isListening(port: number): boolean {
  const listen = '0A';
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return ['/proc/net/tcp', '/proc/net/tcp6'].some((path) =>
    (read(path) ?? '').split('\n').some((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      return state === listen && local.endsWith(`:${hex}`);
    }),
  );
}

import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { EmbeddedPostgresError } from './embedded-error.js';

export interface DataLock {
  /** Removes the lock file, if it is still ours. */
  release(): Promise<void>;
}

interface Holder {
  pid: number;
  /** When the process began, as its system counts; tells a process from a later one with the same id. */
  born: string;
}

/**
 * Lets one process at a time have a data folder: PGlite itself does not notice a second one, and two would destroy it.
 * The lock of a process that has died is taken over. Processes that do not see each other's ids (containers that share
 * a volume) are not told apart from dead ones.
 *
 * @param lockFile path beside the data folder, not in it: a new cluster wants an empty folder
 * @throws EmbeddedPostgresError `DATA_DIR_IN_USE`
 */
export async function acquireDataLock(lockFile: string): Promise<DataLock> {
  const mine = JSON.stringify({ pid: process.pid, born: await bornOf(process.pid) } satisfies Holder);
  const draft = `${lockFile}.${process.pid}`;
  await writeFile(draft, mine);
  try {
    // A link appears whole or not at all, so nobody ever reads half a lock.
    while (!(await linked(draft, lockFile))) await removeStaleLock(lockFile);
  } finally {
    await rm(draft, { force: true });
  }
  return {
    release: async () => {
      if ((await readText(lockFile)) === mine) await rm(lockFile, { force: true });
    },
  };
}

async function removeStaleLock(lockFile: string): Promise<void> {
  const seen = await readText(lockFile);
  if (seen === undefined) return;
  const holder = parseHolder(seen);
  if (holder && (await isAlive(holder))) {
    throw new EmbeddedPostgresError(
      'DATA_DIR_IN_USE',
      `The data folder is in use by process ${holder.pid} (${lockFile}). Stop that one first, or set another DATA_DIR.`,
    );
  }
  const aside = `${lockFile}.stale-${process.pid}`;
  try {
    await rename(lockFile, aside);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  // Another starter may have replaced the dead lock by its own between our look and our rename: give it back.
  if ((await readText(aside)) !== seen) await linked(aside, lockFile);
  await rm(aside, { force: true });
}

async function isAlive(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (!isErrno(error, 'EPERM')) return false;
  }
  return (await bornOf(holder.pid)) === holder.born;
}

/** Field 22 of /proc/<pid>/stat, see proc(5); systems without /proc know a process by its id alone. */
async function bornOf(pid: number): Promise<string> {
  const stat = await readText(`/proc/${pid}/stat`);
  // The second field is the command in brackets and may itself hold spaces and brackets.
  const fieldsFromThird = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fieldsFromThird?.[19] ?? '';
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('born' in value)) return undefined;
    const { pid, born } = value;
    return typeof pid === 'number' && pid > 0 && typeof born === 'string' ? { pid, born } : undefined;
  } catch {
    return undefined;
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ESRCH')) return undefined;
    throw error;
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

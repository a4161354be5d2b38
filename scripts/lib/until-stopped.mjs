import { readFileSync } from 'node:fs';

const parentPollMs = 500;
/** Ctrl-C in a terminal reaches us from the terminal and from npm: only a later one is a second wish. */
const sameSignalMs = 1_000;

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @param {number} pid @returns {number} of the parent, from field 4 of /proc/<pid>/stat; NaN where it is not known */
const parentOf = (pid) => Number.parseInt(read(`/proc/${pid}/stat`).replace(/^.*\) \S+ /s, ''), 10);

/** Those between npm and us: npm itself, or the shell that it runs scripts with and npm behind it. */
function ancestorsInNpm() {
  const isShell = read(`/proc/${process.ppid}/cmdline`).includes('\0-c\0');
  return isShell ? [process.ppid, parentOf(process.ppid)] : [process.ppid];
}

/** @param {readonly number[]} ancestors */
const areThere = ([parent, grandparent]) =>
  process.ppid === parent && (grandparent === undefined || parentOf(process.ppid) === grandparent);

/**
 * Waits for a reason to stop: a signal, or the end of the npm that started us. Its shell does not pass signals on, and
 * an npm that is killed cannot.
 * @param {{ onInsist: () => void }} options a second signal: the user does not want to wait
 * @returns {Promise<string>} the reason
 */
export function untilStopped({ onInsist }) {
  return new Promise((done) => {
    /** @type {number | undefined} */
    let firstAtMs;
    for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP'])) {
      process.on(signal, () => {
        if (firstAtMs !== undefined && performance.now() - firstAtMs > sameSignalMs) onInsist();
        firstAtMs ??= performance.now();
        done(signal);
      });
    }
    if (process.env.npm_lifecycle_event === undefined) return;
    const ancestors = ancestorsInNpm();
    const timer = setInterval(() => {
      if (areThere(ancestors)) return;
      clearInterval(timer);
      done('npm is gone');
    }, parentPollMs);
    timer.unref();
  });
}

import { spawn } from 'node:child_process';

/**
 * @typedef {{ code: number | null, signal: NodeJS.Signals | null, error?: Error }} ProcessEnd
 * @typedef {object} ServiceProcess
 * @property {number | undefined} pid
 * @property {Promise<ProcessEnd>} ended
 * @property {() => Promise<ProcessEnd>} stop SIGTERM, once; SIGKILL when it takes longer than any drain may
 * @property {() => void} kill at once
 */

/** Longer than a service's own bound: drain (30 s by default) and the end of its children. */
const stopMsMax = 60_000;

/**
 * Starts a service as a process that ends with this one, by whatever cause: it watches a pipe on its standard input.
 * It gets a process group of its own, so that Ctrl-C in a terminal reaches it once, through us, and not twice.
 * @param {object} options
 * @param {string} options.entry absolute path of the compiled main
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} [options.cwd]
 * @param {'inherit' | number} [options.output] a file descriptor, or our own output
 * @param {{ uid: number, gid: number }} [options.user]
 * @returns {ServiceProcess}
 */
export function startServiceProcess({ entry, env, cwd, output = 'inherit', user }) {
  const child = spawn(process.execPath, [entry], {
    env: { ...env, EXIT_WITH_PARENT: '1' },
    stdio: ['pipe', output, output],
    detached: true,
    ...(cwd === undefined ? {} : { cwd }),
    ...(user ?? {}),
  });
  child.stdin?.on('error', () => {});
  /** @type {Promise<ProcessEnd>} */
  const ended = new Promise((done) => {
    child.once('exit', (code, signal) => done({ code, signal }));
    child.once('error', (error) => done({ code: null, signal: null, error }));
  });
  let isStopping = false;
  return {
    pid: child.pid,
    ended,
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      if (!isStopping) {
        isStopping = true;
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
        void ended.then(() => clearTimeout(timer));
      }
      return ended;
    },
  };
}

/** @param {ProcessEnd} end */
export function endWords({ code, signal, error }) {
  if (error) return error.message;
  return signal === null ? `exit code ${code}` : signal;
}

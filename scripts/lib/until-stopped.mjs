const parentPollMs = 500;
/** Ctrl-C in a terminal reaches us from the terminal and from npm: only a later one is a second wish. */
const sameSignalMs = 1_000;

/**
 * Waits for a reason to stop: a signal, or the end of the `npm` that started us (it cannot tell when it is killed).
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
    const parent = process.ppid;
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      done('npm is gone');
    }, parentPollMs);
    timer.unref();
  });
}

import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** The descriptor whose other end only the parent holds. */
const lifelineFd = 4;

/** Said to a child, as an argument, whose parent's end the system tells: see `endWithParent`. */
export const needsNoWatchdog = '--no-watchdog';

/**
 * Ends this process when its parent is gone. A thread of its own watches, because the main thread sees nothing while
 * ONNX Runtime runs. The thread costs a child some 50 ms of processor time when it starts.
 */
export function startWatchdog(): void {
  new Worker(new URL('./watchdog-thread.js', import.meta.url), { stdin: false }).unref();
}

/** Runs in the watchdog's thread. */
export function watchParent(): void {
  const lifeline = new Socket({ fd: lifelineFd });
  const end = () => process.kill(process.pid, 'SIGKILL');
  lifeline.on('close', end);
  lifeline.on('error', end);
  lifeline.resume();
}

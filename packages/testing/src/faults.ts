import { randomUUID } from 'node:crypto';
import { call } from './http.js';
import type { LogLine } from './service-process.js';
import type { StartedService, StartedWorker } from './start-stack.js';
import { waitFor } from './wait-for.js';

/**
 * Process ids of the children that hold a checkpoint: what the worker has logged of them, once that agrees with what it
 * says over HTTP, which may be ahead of the log.
 */
export async function homesOf(worker: StartedWorker, sha256: string): Promise<number[]> {
  const logged = () => {
    const alive = new Set(worker.children());
    return worker.logs
      .filter((line) => line.msg === 'checkpoint loaded' && line.sha256 === sha256)
      .map(({ pid }) => Number(pid))
      .filter((pid) => alive.has(pid));
  };
  const { pids } = await waitFor(
    async () => {
      const { children } = await worker.checkpoint(sha256);
      const pids = logged();
      return pids.length === children && { pids };
    },
    { what: `the log of the children of ${sha256}` },
  );
  return pids;
}

/** Waits until that many requests run in children, and that many wait. */
export async function untilBusy(
  worker: StartedWorker,
  { running, queued = 0 }: { running: number; queued?: number },
): Promise<void> {
  await waitFor(
    async () => {
      const ready = await worker.ready();
      return ready.in_flight === running && ready.queued === queued;
    },
    { what: `${running} running and ${queued} queued requests` },
  );
}

/** Waits until nothing runs and nothing waits, abandoned work included. */
export const untilIdle = (worker: StartedWorker): Promise<void> => untilBusy(worker, { running: 0 });

/**
 * Sends a signal to the child of a checkpoint; the caller has seen its request run.
 * @returns its process id
 */
export async function strikeChild(worker: StartedWorker, sha256: string, signal: NodeJS.Signals): Promise<number> {
  const [pid, ...others] = await homesOf(worker, sha256);
  if (pid === undefined || others.length > 0) throw new Error(`not one child of ${sha256}: ${[pid, ...others]}`);
  process.kill(pid, signal);
  return pid;
}

/** Waits until a service has written the lines of all that it has answered: they come in order, in groups. */
export async function untilLogged({ url, logged }: Pick<StartedService, 'url' | 'logged'>): Promise<void> {
  const requestId = `logged-${randomUUID()}`;
  await call(`${url}/health`, { headers: { 'x-request-id': requestId } });
  await logged((line) => line.request_id === requestId, 'the lines of the log up to now');
}

/** The lines that children have logged of a request. */
export const childLinesOf = (worker: Pick<StartedWorker, 'logs'>, requestId: string): LogLine[] =>
  worker.logs.filter((line) => line.service === 'child' && line.request_id === requestId);

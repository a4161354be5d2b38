import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const roles = join(import.meta.dirname, 'plain-roles.mjs');

/**
 * Starts a gateway and a worker of `plain-roles.mjs`.
 * @param {{ modelPath: string, inputSidePx: number, threads: number }} options
 * @returns {Promise<{ url: string, end: () => void }>} the gateway's URL
 */
export async function startPlainServices({ modelPath, inputSidePx, threads }) {
  const worker = fork(roles, ['worker', modelPath, String(inputSidePx), String(threads)]);
  const [workerUrl] = await once(worker, 'message');
  const gateway = fork(roles, ['gateway', workerUrl]);
  const [url] = await once(gateway, 'message');
  return {
    url,
    end: () => {
      gateway.disconnect();
      worker.disconnect();
    },
  };
}

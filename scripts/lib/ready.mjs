import { setTimeout as sleep } from 'node:timers/promises';

const pollMsFirst = 100;
const pollMsMax = 1_000;
const answerMsMax = 5_000;

/**
 * Resolves when a service's `/ready` has answered 200.
 * @param {string} url of the service
 * @param {{ signal?: AbortSignal }} [options] who waits no longer
 * @throws the signal's reason
 */
export async function waitUntilReady(url, { signal } = {}) {
  for (let pollMs = pollMsFirst; ; pollMs = Math.min(pollMsMax, pollMs * 1.3)) {
    signal?.throwIfAborted();
    const isReady = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(answerMsMax) }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok;
      },
      () => false,
    );
    if (isReady) return;
    await sleep(pollMs);
  }
}

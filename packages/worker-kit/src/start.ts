import { settleV8 } from '@lensgate/http-kit/settle-v8';
import type { WorkerSpec } from './worker-parts.js';

/** Starts a worker process; its code is loaded after V8 has its settings. */
export async function startWorker(
  load: () => Promise<{ readonly worker: WorkerSpec }>,
  options: { readonly defaultPort: number },
): Promise<void> {
  settleV8();
  const [{ runWorker }, { worker }] = await Promise.all([import('./run-worker.js'), load()]);
  await runWorker(worker, options);
}

import { readConfig, serve } from '@lensgate/http-kit';
import { WorkerConfig } from './config.js';
import { buildWorker } from './worker.js';
import type { WorkerSpec } from './worker-parts.js';

/** The whole life of a worker process: reads the environment, listens, drains at a signal. */
export async function startWorker(spec: WorkerSpec, { defaultPort }: { defaultPort: number }): Promise<void> {
  const config = readConfig(WorkerConfig(defaultPort), process.env);
  const worker = await buildWorker(spec, config);
  await serve(worker.app, {
    host: config.host,
    port: config.port,
    drainTimeoutMs: config.drainTimeoutMs,
    onClose: () => worker.close(),
  });
}

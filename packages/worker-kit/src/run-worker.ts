import { readConfig, serve, unusable } from '@lensgate/http-kit';
import { WorkerConfig } from './config.js';
import { closeInherited } from './inherited-descriptors.js';
import { SandboxMissing } from './sandbox/open-sandbox.js';
import { buildWorker } from './worker.js';
import type { WorkerSpec } from './worker-parts.js';

/** The whole life of a worker process: reads the environment, listens, drains at a signal. */
export async function runWorker(spec: WorkerSpec, { defaultPort }: { defaultPort: number }): Promise<void> {
  closeInherited();
  const config = readConfig(WorkerConfig(defaultPort), process.env);
  const worker = await buildWorker(spec, config, { searchPath: process.env.PATH ?? '' }).catch((error: unknown) => {
    if (error instanceof SandboxMissing)
      unusable([`CHILD_SANDBOX: required, but not to be had here: ${error.message}`]);
    throw error;
  });
  await serve(worker.app, {
    host: config.host,
    port: config.port,
    drainTimeoutMs: config.drainTimeoutMs,
    collectRestMs: config.collectRestMs,
    onClose: () => worker.close(),
  });
}

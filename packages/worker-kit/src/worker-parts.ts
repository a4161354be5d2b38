import type { Framework, TaskType } from '@lensgate/contracts';
import type { UploadsInFlight } from '@lensgate/http-kit';
import type { Logger } from 'pino';
import type { ChildPool } from './child-pool.js';
import type { WorkerConfig } from './config.js';
import type { ModelStore } from './model-store.js';
import type { PinnedCheckpoints } from './pinned-checkpoints.js';
import type { ChildSandbox } from './sandbox/open-sandbox.js';
import type { Scheduler } from './scheduler.js';

/** What makes a worker the worker of one framework. */
export interface WorkerSpec {
  readonly framework: Framework;
  readonly families: readonly { readonly name: string; readonly taskType: TaskType }[];
  /** Compiled module that calls `runChild` with the same families. */
  readonly childEntry: URL;
}

/** The parts of a running worker, for its routes. */
export interface WorkerParts {
  readonly spec: WorkerSpec;
  readonly config: WorkerConfig;
  readonly logger: Logger;
  readonly sandbox: ChildSandbox;
  readonly pool: ChildPool;
  readonly scheduler: Scheduler;
  readonly pins: PinnedCheckpoints;
  readonly store: ModelStore;
  readonly uploads: UploadsInFlight;
}

import type { UploadsInFlight } from '@lensgate/http-kit';
import type { PrismaClient } from '@lensgate/prisma';
import type { Logger } from 'pino';
import type { GatewayConfig } from './config.js';
import type { FullQueues } from './services/full-queues.js';
import type { Inspected } from './services/inspect-checkpoint.js';
import type { JobCache } from './services/job-cache.js';
import type { PinKeeper } from './services/keep-pinned.js';
import type { KeyBook } from './services/key-book.js';
import type { PictureUploads } from './services/picture-uploads.js';
import type { Quotas } from './services/quotas.js';
import type { Readiness } from './services/readiness.js';
import type { SingleFlight } from './services/single-flight.js';
import type { CheckpointStore } from './store/checkpoint-store.js';
import type { WorkerClient } from './workers/worker-client.js';

/** The parts of a running gateway, for its routes and services. */
export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly database: PrismaClient;
  readonly bytes: CheckpointStore;
  /** Inspections before a first use, by checkpoint: many requests wait for one. */
  readonly inspections: SingleFlight<Inspected>;
  readonly jobs: JobCache;
  readonly keys: KeyBook;
  readonly quotas: Quotas;
  readonly fullQueues: FullQueues;
  readonly uploads: UploadsInFlight;
  readonly pictures: PictureUploads;
  readonly workers: WorkerClient;
  readonly pins: PinKeeper;
  readonly readiness: Readiness;
}

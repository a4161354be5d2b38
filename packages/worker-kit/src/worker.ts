import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buildServer, createLogger, createUploadsInFlight } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { childEnv } from './child-env.js';
import { ChildPool } from './child-pool.js';
import type { WorkerConfig } from './config.js';
import { CostBook } from './cost-book.js';
import { ModelStore } from './model-store.js';
import { PinnedCheckpoints } from './pinned-checkpoints.js';
import { Quarantine } from './quarantine.js';
import { RequestQueue } from './request-queue.js';
import { addCheckpointRoutes } from './routes/checkpoints.js';
import { addHealthRoutes } from './routes/health.js';
import { addBatchRoute, addInferenceRoute } from './routes/infer.js';
import { addModelControlRoutes } from './routes/model-control.js';
import { addModelRoutes } from './routes/models.js';
import { addOpenApiRoute } from './routes/openapi.js';
import { openSandbox } from './sandbox/open-sandbox.js';
import { Scheduler } from './scheduler.js';
import type { Work } from './work.js';
import { addWorkerMetrics } from './worker-metrics.js';
import type { WorkerParts, WorkerSpec } from './worker-parts.js';
import { requireToken } from './worker-token.js';

export interface BuiltWorker {
  readonly app: FastifyInstance;
  readonly parts: WorkerParts;
  /** Ends the children; call it after the last request. */
  close(): Promise<void>;
}

/** Loads one after the other: two at once would only slow each other and everybody who is warm. */
const loadsMax = 1;
const replyHeadBytesMax = 64 * 2 ** 20;

export interface WorkerSurroundings {
  /** Where programs of the system are looked for, as PATH has it. */
  readonly searchPath: string;
  readonly logger?: Logger;
}

/**
 * Puts a worker together; it does not listen yet.
 * @throws SandboxMissing when the sandbox of children is required and not to be had
 */
export async function buildWorker(
  spec: WorkerSpec,
  config: WorkerConfig,
  { searchPath, logger = defaultLogger(spec, config) }: WorkerSurroundings,
): Promise<BuiltWorker> {
  const now = () => performance.now();
  // Children run elsewhere, so that they are told whole paths.
  const storeFolder = resolve(config.dataDir, `${spec.framework}-checkpoints`);
  const builtInFolder = config.modelsDir === undefined ? undefined : resolve(config.modelsDir);
  await mkdir(storeFolder, { recursive: true });
  const sandbox = await openSandbox({
    mode: config.childSandbox,
    entry: spec.childEntry,
    modelFolders: builtInFolder === undefined ? [storeFolder] : [storeFolder, builtInFolder],
    searchPath,
    logger,
  });
  const pool = new ChildPool({
    child: {
      command: sandbox.command,
      logger,
      frameLimits: { headBytesMax: replyHeadBytesMax, bodyBytesMax: config.responseBytesMax },
      env: childEnv({ threads: config.cores, logLevel: config.logLevel }),
    },
    logger,
    spares: config.spares,
    childrenMax: config.childrenMax,
    threadsPerChild: config.cores,
    childIdleMs: config.childIdleMs,
    loadMsMax: config.deadlineMs,
    memoryBytesMax: config.memoryBytesMax,
    now,
    isPinned: (sha256) => pins.has(sha256),
    onChange: () => {
      scheduler.pump();
      pins.look();
    },
  });
  const scheduler: Scheduler = new Scheduler({
    pool,
    queue: new RequestQueue<Work>({
      perCheckpointMax: config.queueMax,
      totalMax: config.queueMax * 4,
      totalBytesMax: config.queueBytesMax,
    }),
    costs: new CostBook(),
    quarantine: new Quarantine(config.quarantineMs),
    logger,
    slots: config.cores,
    loadsMax,
    pixelsMax: config.imagePixelsMax,
    responseBytesMax: config.responseBytesMax,
    memoryBytesMax: config.memoryBytesMax,
    twinThreads: 1,
    wear: { requestsMax: config.childRequestsMax, memoryBytesMax: config.childMemoryBytesMax },
    now,
  });
  const pins: PinnedCheckpoints = new PinnedCheckpoints({
    find: (sha256) => store.use(sha256),
    hasHome: (sha256) => pool.homesOf(sha256).length > 0,
    load: (model, signal) => scheduler.warm(model, signal),
    logger,
    now,
  });
  const store: ModelStore = await ModelStore.open({
    folder: storeFolder,
    framework: spec.framework,
    builtInFolder,
    bytesMax: config.storeBytesMax,
    fileBytesMax: config.checkpointBytesMax,
    now: Date.now,
    isInUse: (sha256) => scheduler.isWanted(sha256) || pins.has(sha256) || pool.homesOf(sha256).length > 0,
    onEvicted: (sha256) => scheduler.forget(sha256),
  });
  const app = buildServer({
    service: `worker-${spec.framework}`,
    logger,
    guard: { hosts: config.allowedHosts.includes('*') ? 'any' : config.allowedHosts, origins: config.allowedOrigins },
    limits: config.serverLimits,
  });
  const uploads = createUploadsInFlight(config.uploadsInFlightBytesMax);
  const parts: WorkerParts = { spec, config, logger, sandbox, pool, scheduler, pins, store, uploads };
  requireToken(app, config.workerToken);
  addHealthRoutes(app, parts);
  addInferenceRoute(app, parts);
  addBatchRoute(app, parts);
  addCheckpointRoutes(app, parts);
  addModelRoutes(app, parts);
  addModelControlRoutes(app, parts);
  addOpenApiRoute(app);
  addWorkerMetrics(app.metrics, parts);
  return {
    app,
    parts,
    close: async () => {
      pins.close();
      scheduler.drain();
      await pool.close();
      await store.close();
    },
  };
}

const defaultLogger = (spec: WorkerSpec, config: WorkerConfig) =>
  createLogger(`worker-${spec.framework}`, config.logLevel);

import { buildServer, createLogger, createUploadsInFlight, type GuardOptions } from '@lensgate/http-kit';
import { createClient, migrationStatus } from '@lensgate/prisma';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { GatewayConfig } from './config.js';
import { addGatewayMetrics } from './gateway-metrics.js';
import type { GatewayParts } from './gateway-parts.js';
import { requireApiKeys } from './plugins/api-key.js';
import { auditChanges } from './plugins/audit.js';
import { addRoutes } from './routes/index.js';
import { databaseFailure } from './services/database-failure.js';
import { requireClosedDoor } from './services/door.js';
import { createFullQueues } from './services/full-queues.js';
import { acceptedCheckpoint, inspectCheckpoint } from './services/inspect-checkpoint.js';
import { createJobCache } from './services/job-cache.js';
import { createPinKeeper } from './services/keep-pinned.js';
import { createKeyBook } from './services/key-book.js';
import { createPendingLook } from './services/look-into-pending.js';
import { createPictureUploads } from './services/picture-uploads.js';
import { createQuotas } from './services/quotas.js';
import { createReadiness } from './services/readiness.js';
import { seedDemoJobs } from './services/seed-demo-jobs.js';
import { createSingleFlight } from './services/single-flight.js';
import { startDatabase } from './services/start-database.js';
import { sweepCheckpoints } from './services/sweep-checkpoints.js';
import { whyMissing } from './services/why-missing.js';
import { chooseCheckpoint, findCheckpointByPath } from './store/checkpoint-rows.js';
import { openFolderStore } from './store/checkpoint-store.js';
import { getJob } from './store/job-store.js';
import { openPictureFiles } from './store/picture-files.js';
import { unasked } from './workers/checkpoint-push.js';
import { createWorkerClient } from './workers/worker-client.js';

export interface Gateway {
  readonly app: FastifyInstance;
  readonly parts: GatewayParts;
  /** Migrates the database and seeds the demo jobs; call it before listening. */
  start(): Promise<void>;
  /** Ends connections to workers and database; call it after the last request. */
  close(): Promise<void>;
}

/** Puts a gateway together; it does not listen yet. */
export async function buildGateway(
  config: GatewayConfig,
  logger: Logger = createLogger('gateway', config.logLevel),
): Promise<Gateway> {
  const now = () => performance.now();
  const guard: GuardOptions = { hosts: config.hosts, origins: config.origins };
  const app = buildServer({
    service: 'gateway',
    logger,
    guard,
    // Whole requests, checkpoints included; pictures have a shorter time of their own.
    limits: { ...config.serverLimits, requestTimeoutMs: config.checkpointTimeoutMs },
    translateError: (error, request) => {
      const failure = databaseFailure(error);
      if (failure?.code === 'DATABASE_UNAVAILABLE') request.log.warn({ err: error }, 'the database is away');
      return failure ?? error;
    },
  });
  const database = createClient(config.databaseUrl, {
    connectionsMax: config.databaseConnectionsMax,
    connectMsMax: 5_000,
    onConnectionLost: (error) => logger.warn({ reason: error.message }, 'a connection to the database was lost'),
  });
  const bytes = await openFolderStore(config.checkpointsDir, { uploadMsMax: config.checkpointTimeoutMs });
  const workers = createWorkerClient({
    services: config.services,
    token: config.workerToken,
    answerBytesMax: config.answerBytesMax,
    pushTimeoutMs: config.checkpointTimeoutMs,
    store: bytes,
    whyMissing: (missing) => whyMissing(database, missing),
    logger,
    now,
  });
  const jobs = createJobCache(
    {
      job: (id) => getJob(database, id, { sees: 'all' }),
      chosen: (job) => chooseCheckpoint(database, job),
      byPath: (job, path) => findCheckpointByPath(database, job, path),
    },
    { ageMsMax: config.jobCacheMs },
  );
  const keys = createKeyBook({ database, logger, ageMsMax: config.keyCacheMs, nowMs: Date.now });
  const quotas = createQuotas({ nowMs: now });
  const readiness = createReadiness({
    isMigrated: async () => (await migrationStatus(database)).state === 'current',
    workers: async () =>
      (await workers.ready()).map(({ group, url, ready, reason }) => ({ framework: group.name, url, ready, reason })),
    isDraining: () => app.lifecycle.state === 'draining',
    now,
  });
  const uploads = createUploadsInFlight(config.uploadsInFlightBytesMax);
  const pictures = createPictureUploads({
    database,
    files: await openPictureFiles({
      folder: config.uploadsDir,
      fileBytesMax: config.uploadBytesMax,
      bytesMax: config.uploadsBytesMax,
      ageMsMax: config.uploadTtlMs,
      uploadMsMax: config.uploadTimeoutMs,
      nowMs: Date.now(),
    }),
    logger,
    ttlMs: config.uploadTtlMs,
    perSessionMax: config.uploadsPerSessionMax,
    nowMs: Date.now,
  });
  const pins = createPinKeeper({
    database,
    workers,
    services: config.services,
    logger,
    everyMs: config.checkpointCheckMs,
    accept: ({ job, row }) => acceptedCheckpoint(parts, { job, row, asker: unasked(`pin-${row.id}`) }),
  });
  const pending = createPendingLook({
    database,
    logger,
    everyMs: config.checkpointCheckMs,
    now,
    inspect: ({ job, row }) => inspectCheckpoint(parts, { job, row, asker: unasked(`pending-${row.id}`) }),
  });
  const parts: GatewayParts = {
    config,
    logger,
    database,
    bytes,
    inspections: createSingleFlight(),
    jobs,
    keys,
    quotas,
    fullQueues: createFullQueues(now),
    uploads,
    pictures,
    workers,
    pins,
    readiness,
  };

  let sweeping: NodeJS.Timeout | undefined;
  const sweep = () =>
    void sweepCheckpoints(parts, Date.now()).catch((error: unknown) =>
      logger.warn({ err: error }, 'left-over checkpoints could not be removed'),
    );

  addGatewayMetrics(app.metrics, parts);
  auditChanges(app, logger);
  const { auth, adminKey, isLocal } = config;
  requireApiKeys(app, { keys, quotas, auth, adminKey, isLocal });
  await addRoutes(app, parts);
  return {
    app,
    parts,
    async start() {
      await startDatabase(config.databaseUrl, { logger, waitMs: config.databaseWaitMs, now });
      await requireClosedDoor(config, keys);
      if (config.seedDemo) await seedDemoJobs(parts);
      await pictures.start();
      pins.start();
      pending.start();
      sweep();
      sweeping = setInterval(sweep, Math.min(86_400_000, Math.max(1_000, config.checkpointTimeoutMs)));
      sweeping.unref();
    },
    async close() {
      await Promise.all([pins.stop(), pending.stop()]);
      pictures.stop();
      clearInterval(sweeping);
      await Promise.all([workers.close(), keys.close()]);
      await database.$disconnect();
    },
  };
}

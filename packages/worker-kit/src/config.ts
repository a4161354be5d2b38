import { availableParallelism, totalmem } from 'node:os';
import { envInteger, envList, envText, GiB, MiB, serverEnv, serverLimitsOf } from '@lensgate/http-kit';
import { z } from 'zod';
import { availableCores, memoryLimitBytes } from './cores.js';

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const sandboxModes = ['auto', 'off', 'required'] as const;
const defaultMemoryMb = () => Math.max(256, Math.floor(((memoryLimitBytes() ?? totalmem()) * 0.6) / MiB));

/** Everything a worker reads from its environment; nothing else reads it. */
export const WorkerConfig = (defaultPort: number) =>
  z
    .object({
      PORT: envInteger(0, 65_535).default(defaultPort),
      HOST: envText().default('127.0.0.1'),
      WORKER_TOKEN: envText().optional(),
      ALLOWED_HOSTS: envList().default([]),
      ALLOWED_ORIGINS: envList().default([]),
      DATA_DIR: envText().default('.data'),
      MODELS_DIR: envText().optional(),
      WORKER_CPUS: envInteger(1, 1_024).default(availableCores),
      WORKER_MEMORY_MB: envInteger(128).default(defaultMemoryMb),
      SPARES: envInteger(0, 64).default(1),
      CHILDREN_MAX: envInteger(1, 1_024).default(() => Math.max(4, 2 * availableParallelism())),
      CHILD_IDLE_MS: envInteger(100).default(600_000),
      CHILD_REQUESTS_MAX: envInteger(1).default(100_000),
      CHILD_MEMORY_MB: envInteger(64).optional(),
      CHILD_SANDBOX: z.enum(sandboxModes).default('auto'),
      QUEUE_MAX: envInteger(1, 100_000).default(64),
      QUEUE_BYTES_MAX: envInteger(1).default(512 * MiB),
      DEADLINE_MS: envInteger(1, 3_600_000).default(300_000),
      DRAIN_TIMEOUT_MS: envInteger(0, 3_600_000).default(30_000),
      QUARANTINE_MS: envInteger(1).default(600_000),
      UPLOAD_BYTES_MAX: envInteger(1, GiB).default(32 * MiB),
      UPLOADS_IN_FLIGHT_BYTES_MAX: envInteger(1).default(512 * MiB),
      IMAGE_PIXELS_MAX: envInteger(1, 1_000_000_000).default(100_000_000),
      RESPONSE_BYTES_MAX: envInteger(1, GiB).default(256 * MiB),
      CHECKPOINT_BYTES_MAX: envInteger(1).default(2 * GiB),
      ...serverEnv,
      STORE_BYTES_MAX: envInteger(1).default(20 * GiB),
      LOG_LEVEL: z.enum(logLevels).default('info'),
    })
    .transform((env) => ({
      port: env.PORT,
      host: env.HOST,
      workerToken: env.WORKER_TOKEN,
      allowedHosts: env.ALLOWED_HOSTS,
      allowedOrigins: env.ALLOWED_ORIGINS,
      dataDir: env.DATA_DIR,
      modelsDir: env.MODELS_DIR,
      cores: env.WORKER_CPUS,
      memoryBytesMax: env.WORKER_MEMORY_MB * MiB,
      spares: env.SPARES,
      childrenMax: env.CHILDREN_MAX,
      childIdleMs: env.CHILD_IDLE_MS,
      childRequestsMax: env.CHILD_REQUESTS_MAX,
      childMemoryBytesMax: (env.CHILD_MEMORY_MB ?? Math.floor(env.WORKER_MEMORY_MB / 2)) * MiB,
      childSandbox: env.CHILD_SANDBOX,
      queueMax: env.QUEUE_MAX,
      queueBytesMax: env.QUEUE_BYTES_MAX,
      deadlineMs: env.DEADLINE_MS,
      drainTimeoutMs: env.DRAIN_TIMEOUT_MS,
      collectRestMs: env.COLLECT_REST_MS,
      quarantineMs: env.QUARANTINE_MS,
      uploadBytesMax: env.UPLOAD_BYTES_MAX,
      uploadsInFlightBytesMax: env.UPLOADS_IN_FLIGHT_BYTES_MAX,
      imagePixelsMax: env.IMAGE_PIXELS_MAX,
      responseBytesMax: env.RESPONSE_BYTES_MAX,
      checkpointBytesMax: env.CHECKPOINT_BYTES_MAX,
      storeBytesMax: env.STORE_BYTES_MAX,
      serverLimits: serverLimitsOf(env),
      logLevel: env.LOG_LEVEL,
    }));
export type WorkerConfig = z.output<ReturnType<typeof WorkerConfig>>;

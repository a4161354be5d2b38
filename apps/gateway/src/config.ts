import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { envBoolean, envInteger, envList, envText, GiB, MiB, serverEnv, serverLimitsOf } from '@lensgate/http-kit';
import { z } from 'zod';

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

const workerUrls = (fallback: string) =>
  envList()
    .pipe(z.array(z.url({ protocol: /^https?$/, error: 'must be http or https URLs, comma-separated' })).min(1))
    .default([fallback]);

/** Beside the package in the repository, or in the folder that the service was started in. */
function defaultModelsDir(): string {
  const beside = resolve(import.meta.dirname, '../../../models');
  return existsSync(beside) ? beside : resolve('models');
}

/** Where `npm run build` puts the panel, seen from this package. */
const builtPanelDir = resolve(import.meta.dirname, '../../web/dist');

/** Every variable the gateway reads, with its default. */
export const GatewayEnv = z.object({
  PORT: envInteger(0, 65_535).default(8000).meta({ description: 'Port to listen on; 0 takes a free one.' }),
  HOST: envText().default('127.0.0.1').meta({ description: 'Address to listen on.' }),
  AUTH: z.enum(['keys', 'none']).default('keys').meta({
    description: '`none` says that everybody who reaches the gateway may use it.',
  }),
  LENSGATE_ADMIN_KEY: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]{32,512}$/, { error: 'must have at least 32 characters, without spaces; make it at random' })
    .optional()
    .meta({ description: 'May do everything, and alone may manage keys.' }),
  KEY_CACHE_MS: envInteger(0, 60_000).default(2_000).meta({ description: 'How old what is known of a key may be.' }),
  DATABASE_URL: envText()
    .pipe(
      z.url({
        protocol: /^postgres(ql)?$/,
        error: 'must be postgresql://user:password@host:5432/name, with % codes for special characters of a password',
      }),
    )
    .meta({ description: 'PostgreSQL; `npm start` starts an embedded one when it is not set.' }),
  DATABASE_CONNECTIONS_MAX: envInteger(1, 1_000).default(4),
  DATABASE_WAIT_MS: envInteger(0).default(30_000).meta({ description: 'How long the start waits for the database.' }),
  DATA_DIR: envText().default('.data').meta({ description: 'Folder for the checkpoint store.' }),
  MODELS_DIR: envText()
    .optional()
    .meta({ description: 'Folder of the demo models; default: `models` of this repository.' }),
  WEB_DIR: envText().optional().meta({ description: 'Folder of the built panel; default: `apps/web/dist`.' }),
  SEED_DEMO: envBoolean().default(false).meta({ description: 'Seed the demo jobs, once.' }),
  TIMM_SERVICE_URL: workerUrls('http://127.0.0.1:8001').meta({ description: 'timm workers, comma-separated.' }),
  ULTRALYTICS_SERVICE_URL: workerUrls('http://127.0.0.1:8002').meta({ description: 'ultralytics workers.' }),
  HUGGINGFACE_SERVICE_URL: workerUrls('http://127.0.0.1:8003').meta({ description: 'huggingface workers.' }),
  TRAINING_SERVICE_URL: workerUrls('http://127.0.0.1:8001').meta({
    description: 'Workers for jobs of no framework or an unknown one.',
  }),
  WORKER_TOKEN: envText().optional().meta({ description: 'What the workers expect as `Authorization: Bearer …`.' }),
  ALLOWED_HOSTS: envList().default([]).meta({
    description: 'Names this gateway is reached by, besides the loopback names; `*` admits every name.',
  }),
  ALLOWED_ORIGINS: envList().default([]).meta({ description: 'Origins whose pages may call; `*` admits all.' }),
  UPLOAD_BYTES_MAX: envInteger(1)
    .default(32 * MiB)
    .meta({ description: 'One picture.' }),
  UPLOAD_TIMEOUT_MS: envInteger(1).default(120_000).meta({ description: 'A picture must have arrived by then.' }),
  UPLOADS_IN_FLIGHT_BYTES_MAX: envInteger(1)
    .default(512 * MiB)
    .meta({ description: 'Pictures held at one time.' }),
  UPLOAD_TTL_MS: envInteger(1, 30 * 24 * 3_600_000)
    .default(86_400_000)
    .meta({ description: 'How long a picture that was uploaded for its handle is kept.' }),
  UPLOADS_BYTES_MAX: envInteger(1)
    .default(10 * GiB)
    .meta({ description: 'Pictures kept for their handles, all together.' }),
  UPLOADS_PER_SESSION_MAX: envInteger(1).default(1_000).meta({ description: 'Pictures kept for one session.' }),
  CHECKPOINT_BYTES_MAX: envInteger(1)
    .default(2 * GiB)
    .meta({ description: 'One checkpoint.' }),
  CHECKPOINT_TIMEOUT_MS: envInteger(1).default(3_600_000).meta({
    description: 'A checkpoint must have arrived, or have been passed to a worker, by then.',
  }),
  ANSWER_BYTES_MAX: envInteger(1)
    .default(256 * MiB)
    .meta({ description: 'One answer of a worker.' }),
  ...serverEnv,
  DEADLINE_MS: envInteger(1).default(300_000).meta({ description: 'Longest time for one inference, from arrival.' }),
  DRAIN_TIMEOUT_MS: envInteger(0)
    .default(25_000)
    .meta({ description: 'How long running requests may take after SIGTERM.' }),
  CHECKPOINT_CHECK_MS: envInteger(100, 3_600_000)
    .default(10_000)
    .meta({ description: 'How often pinned and waiting checkpoints are looked after.' }),
  JOB_CACHE_MS: envInteger(0).default(1_000).meta({ description: 'How old what is known of a job may be.' }),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

const anyOr = (words: readonly string[]): 'any' | readonly string[] => (words.includes('*') ? 'any' : words);

export const GatewayConfig = GatewayEnv.refine((env) => env.UPLOADS_IN_FLIGHT_BYTES_MAX >= env.UPLOAD_BYTES_MAX, {
  path: ['UPLOADS_IN_FLIGHT_BYTES_MAX'],
  error: 'must not be smaller than UPLOAD_BYTES_MAX',
}).transform((env) => ({
  port: env.PORT,
  host: env.HOST,
  isLocal: isLoopback(env.HOST),
  auth: env.AUTH,
  adminKey: env.LENSGATE_ADMIN_KEY,
  keyCacheMs: env.KEY_CACHE_MS,
  databaseUrl: env.DATABASE_URL,
  databaseConnectionsMax: env.DATABASE_CONNECTIONS_MAX,
  databaseWaitMs: env.DATABASE_WAIT_MS,
  uploadsDir: join(resolve(env.DATA_DIR), 'uploads'),
  checkpointsDir: join(resolve(env.DATA_DIR), 'checkpoints'),
  modelsDir: env.MODELS_DIR === undefined ? defaultModelsDir() : resolve(env.MODELS_DIR),
  webDir: env.WEB_DIR === undefined ? builtPanelDir : resolve(env.WEB_DIR),
  seedDemo: env.SEED_DEMO,
  services: {
    ultralytics: env.ULTRALYTICS_SERVICE_URL,
    timm: env.TIMM_SERVICE_URL,
    huggingface: env.HUGGINGFACE_SERVICE_URL,
    fallback: env.TRAINING_SERVICE_URL,
  },
  workerToken: env.WORKER_TOKEN,
  hosts: anyOr(env.ALLOWED_HOSTS),
  origins: anyOr(env.ALLOWED_ORIGINS),
  uploadBytesMax: env.UPLOAD_BYTES_MAX,
  uploadTimeoutMs: env.UPLOAD_TIMEOUT_MS,
  uploadsInFlightBytesMax: env.UPLOADS_IN_FLIGHT_BYTES_MAX,
  uploadTtlMs: env.UPLOAD_TTL_MS,
  uploadsBytesMax: env.UPLOADS_BYTES_MAX,
  uploadsPerSessionMax: env.UPLOADS_PER_SESSION_MAX,
  checkpointBytesMax: env.CHECKPOINT_BYTES_MAX,
  checkpointTimeoutMs: env.CHECKPOINT_TIMEOUT_MS,
  answerBytesMax: env.ANSWER_BYTES_MAX,
  serverLimits: serverLimitsOf(env),
  deadlineMs: env.DEADLINE_MS,
  drainTimeoutMs: env.DRAIN_TIMEOUT_MS,
  collectRestMs: env.COLLECT_REST_MS,
  checkpointCheckMs: env.CHECKPOINT_CHECK_MS,
  jobCacheMs: env.JOB_CACHE_MS,
  logLevel: env.LOG_LEVEL,
}));
export type GatewayConfig = z.output<typeof GatewayConfig>;

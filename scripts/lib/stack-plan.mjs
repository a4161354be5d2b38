import { randomBytes } from 'node:crypto';
import { totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parsePort } from './ports.mjs';
import { gateway, services, workers } from './services.mjs';

/** @typedef {Record<string, string>} Environment */

/** Variables that belong to the gateway, or mean it, when all services run on one machine. */
const gatewayOnly = [
  'DATABASE_URL',
  'LENSGATE_ADMIN_KEY',
  'HOST',
  'AUTH',
  'ALLOWED_HOSTS',
  'ALLOWED_ORIGINS',
  'SEED_DEMO',
];

/** Nobody but its own gateway changes an embedded database: what that knows of it stays true until it changes it itself. */
const sureOfItsDatabase = { JOB_CACHE_MS: '600000', KEY_CACHE_MS: '60000' };

/** Part of the machine's memory that models may take: the rest is for the services, the database and everything else. */
const modelsShare = 0.6;
const workerMemoryMbMin = 256;

/**
 * The environment with empty variables left out: an empty one counts as not set, as compose files write it.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Environment}
 */
export const withoutEmpty = (env) =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : [])));

/** Bytes of memory that this machine, or the container it is, may use. */
export function usableMemoryBytes() {
  const limitBytes = process.constrainedMemory();
  return limitBytes > 0 ? Math.min(limitBytes, totalmem()) : totalmem();
}

/**
 * Each worker's memory for models. Memory is divided, because what one holds no other can use; cores are not, because
 * usually one worker is busy and should have them all: WORKER_CPUS stays each worker's own default.
 * @param {number} memoryBytes
 * @param {number} count of workers
 */
export const workerMemoryMb = (memoryBytes, count) =>
  Math.max(workerMemoryMbMin, Math.floor((memoryBytes * modelsShare) / Math.max(1, count) / 2 ** 20));

/** Workers to start: one that the environment places elsewhere is left to whoever runs it.
 * @param {Environment} env */
export const localWorkers = (env) => workers.filter(({ urlVariable }) => env[urlVariable] === undefined);

/**
 * @param {Environment} env
 * @returns {import('./ports.mjs').PortWish[]} of the services to start, the gateway first
 */
export const portWishes = (env) =>
  [gateway, ...localWorkers(env)].map(({ name, role, portVariable, portDefault }) => ({
    name,
    variable: portVariable,
    host: role === 'gateway' ? (env.HOST ?? '127.0.0.1') : '127.0.0.1',
    port: parsePort(portVariable, env[portVariable], portDefault),
  }));

/** Where this machine reaches a service that listens on `host`.
 * @param {string} host @param {number} port */
function reachableUrl(host, port) {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** @param {Environment} env @param {readonly string[]} names */
const without = (env, names) => Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));

/**
 * What each service gets told: the same variables that a deployment sets, each service its own.
 * @param {object} options
 * @param {Environment} options.env the user's
 * @param {string} options.root
 * @param {readonly number[]} options.ports in the order of `portWishes`
 * @param {number} options.memoryBytes
 */
export function planStack({ env, root, ports, memoryBytes }) {
  const common = {
    ...without(
      env,
      services.map(({ portVariable }) => portVariable),
    ),
    DATA_DIR: resolve(root, env.DATA_DIR ?? '.data'),
    MODELS_DIR: resolve(root, env.MODELS_DIR ?? 'models'),
    WORKER_TOKEN: env.WORKER_TOKEN ?? randomBytes(24).toString('base64url'),
  };
  const local = localWorkers(env);
  const [gatewayPort = 0, ...workerPorts] = ports;
  const placed = local.map((service, index) => ({
    service,
    url: reachableUrl('127.0.0.1', workerPorts[index] ?? 0),
    env: /** @type {Environment} */ ({
      WORKER_MEMORY_MB: String(workerMemoryMb(memoryBytes, local.length)),
      ...without(common, gatewayOnly),
      HOST: '127.0.0.1',
      PORT: String(workerPorts[index]),
    }),
  }));
  /** @type {Environment} */
  const urls = Object.fromEntries(placed.map(({ service, url }) => [service.urlVariable, url]));
  // The default of the gateway itself, at the port that the timm worker has here.
  const fallbackUrl = env.TRAINING_SERVICE_URL ?? env.TIMM_SERVICE_URL ?? urls.TIMM_SERVICE_URL;
  return {
    dataDir: common.DATA_DIR,
    embeddedDatabaseDir: env.DATABASE_URL === undefined ? join(common.DATA_DIR, 'postgres') : undefined,
    isSeeded: ['1', 'true'].includes(env.SEED_DEMO ?? (env.DATABASE_URL === undefined ? '1' : '0')),
    workers: placed,
    gateway: {
      service: gateway,
      url: reachableUrl(env.HOST ?? '127.0.0.1', gatewayPort),
      /** @param {string} databaseUrl @returns {Environment} */
      envWith: (databaseUrl) => ({
        SEED_DEMO: env.DATABASE_URL === undefined ? '1' : '0',
        ...(env.DATABASE_URL === undefined ? sureOfItsDatabase : {}),
        ...common,
        ...urls,
        ...(fallbackUrl === undefined ? {} : { TRAINING_SERVICE_URL: fallbackUrl }),
        DATABASE_URL: databaseUrl,
        PORT: String(gatewayPort),
      }),
    },
  };
}

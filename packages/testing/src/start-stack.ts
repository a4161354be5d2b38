import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Framework, GatewayReady, WorkerReady } from '@lensgate/contracts';
import { type TestDatabase, testDatabase } from './databases.js';
import { type GatewayCalls, gatewayCalls } from './gateway-calls.js';
import { call } from './http.js';
import { isListening } from './processes.js';
import { type ServiceProcess, startService, survivorsOf } from './service-process.js';
import { waitFor } from './wait-for.js';
import { type WorkerCalls, workerCalls } from './worker-calls.js';

/** The repository. */
export const rootDir = resolve(import.meta.dirname, '../../..');

export type Environment = Readonly<Record<string, string>>;

/** What should not be there any more once a service has ended. */
export interface Leftovers {
  /** Process ids, the service's own included. */
  readonly processes: readonly number[];
  /** Temporary files and half-written uploads. */
  readonly files: readonly string[];
  /** Ports that are still listened on. */
  readonly ports: readonly number[];
}

export const nothingLeft: Leftovers = { processes: [], files: [], ports: [] };

/** A service with folders of its own, all of them temporary. */
export interface StartedService extends ServiceProcess {
  readonly folder: string;
  leftovers(): Promise<Leftovers>;
  /** Ends it, where it still lives, and removes its folders. */
  close(): Promise<void>;
}

export interface StartedWorker extends StartedService, WorkerCalls {
  /** Starts it anew on the same port with the same folders; the first one must have ended. */
  again(env?: Environment): Promise<StartedWorker>;
}

export interface WorkerOptions {
  readonly framework?: Framework;
  readonly env?: Environment;
}

interface Place {
  readonly folder: string;
  /** 0 takes a free one. */
  readonly port: number;
}

const newFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lensgate-test-'));
  await Promise.all(['tmp', 'home', 'data'].map((name) => mkdir(join(folder, name))));
  return folder;
};

/** Starts the worker of a framework in a process of its own, and waits until it is ready. */
export async function startWorker({ framework = 'ultralytics', env = {} }: WorkerOptions = {}): Promise<StartedWorker> {
  return workerAt({ folder: await newFolder(), port: 0 }, framework, env);
}

async function workerAt(place: Place, framework: Framework, env: Environment): Promise<StartedWorker> {
  const service = await startAt(place, `apps/worker-${framework}/dist/main.js`, {
    MODELS_DIR: join(rootDir, 'models'),
    ...env,
  });
  await untilReady<WorkerReady>(service);
  return {
    ...service,
    ...workerCalls(service.url),
    again: (more = {}) => workerAt({ folder: place.folder, port: service.port }, framework, { ...env, ...more }),
  };
}

export interface GatewayOptions {
  readonly databaseUrl: string;
  readonly env?: Environment;
}

export interface StartedGateway extends StartedService, GatewayCalls {
  /** As a worker's. */
  again(): Promise<StartedGateway>;
}

/** Starts the gateway in a process of its own, and waits until it is ready. */
export async function startGateway({ databaseUrl, env = {} }: GatewayOptions): Promise<StartedGateway> {
  return gatewayAt({ folder: await newFolder(), port: 0 }, { DATABASE_URL: databaseUrl, ...env });
}

async function gatewayAt(place: Place, env: Environment): Promise<StartedGateway> {
  const service = await startAt(place, 'apps/gateway/dist/main.js', env);
  await untilReady<GatewayReady>(service);
  return {
    ...service,
    ...gatewayCalls(service.url),
    again: () => gatewayAt({ folder: place.folder, port: service.port }, env),
  };
}

export interface Stack {
  readonly gateway: StartedGateway;
  /** By framework. */
  readonly workers: ReadonlyMap<Framework, StartedWorker>;
  leftovers(): Promise<Leftovers>;
  /** SIGTERM to all, gateway first; the database goes last. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export interface StackOptions {
  readonly frameworks?: readonly Framework[];
  readonly workerEnv?: Environment;
  readonly gatewayEnv?: Environment;
}

/**
 * Starts the real thing: a database (a new one on the server of `TEST_DATABASE_URL` when that is set, else the embedded
 * one), workers, and the gateway with the demo jobs.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { frameworks = ['ultralytics'], workerEnv, gatewayEnv } = options;
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    while (closers.length > 0) await closers.pop()?.();
  };
  try {
    const opening = testDatabase.open().then((opened) => {
      closers.push(opened.close);
      return opened;
    });
    const starting = frameworks.map(async (framework) => {
      const worker = await startWorker({ framework, ...(workerEnv ? { env: workerEnv } : {}) });
      closers.push(worker.close);
      return [framework, worker] as const;
    });
    // What has started is closed only when nothing starts any more.
    await Promise.allSettled([opening, ...starting]);
    const database: TestDatabase = await opening;
    const workers = new Map(await Promise.all(starting));
    const urlOf = (framework: Framework) => workers.get(framework)?.url ?? 'http://127.0.0.1:9';
    const gateway = await startGateway({
      databaseUrl: database.databaseUrl,
      env: {
        SEED_DEMO: '1',
        ULTRALYTICS_SERVICE_URL: urlOf('ultralytics'),
        TIMM_SERVICE_URL: urlOf('timm'),
        HUGGINGFACE_SERVICE_URL: urlOf('huggingface'),
        TRAINING_SERVICE_URL: urlOf('timm'),
        ...gatewayEnv,
      },
    });
    closers.push(gateway.close);
    const services = () => [gateway, ...workers.values()];
    return {
      gateway,
      workers,
      leftovers: async () => mergeLeftovers(await Promise.all(services().map((service) => service.leftovers()))),
      stop: async () => {
        for (const service of services()) await service.stop();
      },
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function startAt({ folder, port }: Place, entry: string, env: Environment): Promise<StartedService> {
  const service = await startService({
    entry: join(rootDir, entry),
    env: {
      PORT: String(port),
      DATA_DIR: join(folder, 'data'),
      TMPDIR: join(folder, 'tmp'),
      HOME: join(folder, 'home'),
      ...env,
    },
  }).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    ...service,
    folder,
    leftovers: async () => ({
      processes: survivorsOf(service),
      files: await strayFiles(folder),
      ports: isListening(service.port) ? [service.port] : [],
    }),
    close: async () => {
      await service.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const untilReady = <T extends { ready: boolean }>({ url }: ServiceProcess) =>
  waitFor(async () => (await call<T>(`${url}/ready`)).body.ready, { what: `${url}/ready`, waitMsMax: 60_000 });

/** Files that nobody should have left: anything in the temporary and home folders, half-written files in the data. */
async function strayFiles(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile() || entry.isSocket())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .filter((path) => !path.startsWith('data/') || /\.(part|aside|tmp)$|(^|\/)tmp\//.test(path));
}

const mergeLeftovers = (all: readonly Leftovers[]): Leftovers => ({
  processes: all.flatMap(({ processes }) => processes),
  files: all.flatMap(({ files }) => files),
  ports: all.flatMap(({ ports }) => ports),
});

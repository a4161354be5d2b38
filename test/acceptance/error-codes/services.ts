import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  detectModel,
  endlessSteps,
  greyPicture,
  type StartedGateway,
  type StartedWorker,
  startGateway,
  startStack,
  startWorker,
  type TestDatabase,
  testDatabase,
} from '@lensgate/testing';
import sharp from 'sharp';

export const token = 'a-token-of-a-worker';
export const adminKey = 'an-admin-key-of-a-test-0123456789';
export const guardedMemoryMb = 128;

/** A white picture keeps it until its child is ended; a black one is quick. */
export const endlessModel = detectModel({ brightSteps: endlessSteps });
/** Takes its time for every picture. */
export const slowModel = detectModel({ steps: 60_000 });
/** A white picture asks for more memory than an address space has. */
export const greedyModel = detectModel({ brightMiB: 1e9 });

/** Limits so small that a test can exceed them. Files on it are forgotten at once. */
export const strictLimits = {
  UPLOAD_BYTES_MAX: 20_000,
  UPLOADS_IN_FLIGHT_BYTES_MAX: 22_000,
  UPLOADS_BYTES_MAX: 22_000,
  UPLOADS_PER_SESSION_MAX: 1,
  UPLOAD_TTL_MS: 1,
  UPLOAD_TIMEOUT_MS: 2_000,
} as const;

/** What the cases are tried on. */
export interface Services {
  readonly gateway: StartedGateway;
  /** Behind that gateway: one core, a queue of one, short answers. */
  readonly worker: StartedWorker;
  /** A gateway of its own: small limits, a database that may be taken away, workers that are away or talk nonsense. */
  readonly strict: StartedGateway;
  readonly strictDatabase: TestDatabase;
  /** A worker of its own: a token, and little memory. */
  readonly guarded: StartedWorker;
  /** A gateway of its own that asks for keys. */
  readonly keyed: StartedGateway;
  readonly black: Buffer;
  readonly white: Buffer;
  /** Its overlay is longer than an answer may be. */
  readonly noisy: Buffer;
  close(): Promise<void>;
}

export async function startServices(): Promise<Services> {
  const [black, white, noise] = await Promise.all([greyPicture(0), greyPicture(255), noisePicture()]);
  const nonsense = await startNonsense();
  const stack = await startStack({ workerEnv: { WORKER_CPUS: '1', QUEUE_MAX: '1', RESPONSE_BYTES_MAX: '20000' } });
  const strictDatabase = await testDatabase.open();
  const guarded = await startWorker({ env: { WORKER_TOKEN: token, WORKER_MEMORY_MB: String(guardedMemoryMb) } });
  const limits = Object.entries(strictLimits).map(([name, value]) => [name, String(value)]);
  const strict = await startGateway({
    databaseUrl: strictDatabase.databaseUrl,
    env: {
      ...Object.fromEntries(limits),
      ULTRALYTICS_SERVICE_URL: nonsense.url,
      TIMM_SERVICE_URL: 'http://127.0.0.1:9',
      TRAINING_SERVICE_URL: 'http://127.0.0.1:9',
      HUGGINGFACE_SERVICE_URL: 'http://127.0.0.1:9',
    },
  });
  const keyedDatabase = await testDatabase.open();
  const keyed = await startGateway({
    databaseUrl: keyedDatabase.databaseUrl,
    env: { LENSGATE_ADMIN_KEY: adminKey, SEED_DEMO: '1' },
  });
  return {
    gateway: stack.gateway,
    worker: stack.workers.get('ultralytics')!,
    strict,
    strictDatabase,
    guarded,
    keyed,
    black,
    white,
    noisy: noise,
    close: async () => {
      const ends = [strict, guarded, keyed, strictDatabase, keyedDatabase, stack, nonsense];
      for (const each of ends) await each.close();
    },
  };
}

/** Every pixel of its own, so that no format makes it small. */
function noisePicture(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  return sharp({ create: { width: 160, height: 160, channels: 3, background: 'black', noise } })
    .png()
    .toBuffer();
}

/** A server that is no worker. */
function startNonsense(): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello</p>');
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        close: () =>
          new Promise((ended) => {
            server.closeAllConnections();
            server.close(() => ended());
          }),
      });
    });
  });
}

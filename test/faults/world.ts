import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@lensgate/prisma';
import {
  copyEmptyCluster,
  type Environment,
  type StartedGateway,
  type StartedWorker,
  startGateway,
  startWorker,
} from '@lensgate/testing';

/** An embedded database that is killed and started again on the same folder, under the same URL. */
export interface TestPostgres {
  readonly databaseUrl: string;
  readonly pid: number;
  kill9(): Promise<void>;
  again(): Promise<void>;
  close(): Promise<void>;
}

export async function startPostgres(): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'lensgate-db-'));
  await copyEmptyCluster(join(folder, 'data'));
  const start = () => startEmbeddedPostgres({ dataDir: join(folder, 'data'), socketDir: folder });
  let running: EmbeddedPostgres = await start();
  return {
    databaseUrl: running.databaseUrl,
    get pid() {
      return running.pid;
    },
    async kill9() {
      process.kill(running.pid, 'SIGKILL');
      await running.exited;
    },
    async again() {
      running = await start();
    },
    async close() {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Gateway, one worker and a database, each of which can be killed and started again. */
export interface World {
  readonly database: TestPostgres;
  gateway: StartedGateway;
  worker: StartedWorker;
  close(): Promise<void>;
}

export const gatewayEnvFor = (workerUrl: string, env: Environment = {}): Environment => ({
  SEED_DEMO: '1',
  ULTRALYTICS_SERVICE_URL: workerUrl,
  TIMM_SERVICE_URL: 'http://127.0.0.1:9',
  HUGGINGFACE_SERVICE_URL: 'http://127.0.0.1:9',
  TRAINING_SERVICE_URL: workerUrl,
  ...env,
});

export async function startWorld({
  gatewayEnv = {},
  workerEnv = {},
}: {
  gatewayEnv?: Environment;
  workerEnv?: Environment;
} = {}): Promise<World> {
  const database = await startPostgres();
  const worker = await startWorker({ env: workerEnv });
  const gateway = await startGateway({
    databaseUrl: database.databaseUrl,
    env: gatewayEnvFor(worker.url, gatewayEnv),
  });
  const world: World = {
    database,
    gateway,
    worker,
    async close() {
      await world.gateway.close();
      await world.worker.close();
      await database.close();
    },
  };
  return world;
}

import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { afterDeath } from '../scripts/lib/keep-running.mjs';
import { findPorts, parsePort } from '../scripts/lib/ports.mjs';
import { neededPackages, productionOf } from '../scripts/lib/production-lock.mjs';
import { localWorkers, planStack, portWishes, withoutEmpty, workerMemoryMb } from '../scripts/lib/stack-plan.mjs';

const host = '127.0.0.1';
const GiB = 2 ** 30;
const planOf = (env: Record<string, string>, ports = [8000, 8001, 8002, 8003]) =>
  planStack({ env, root: '/repository', ports, memoryBytes: 16 * GiB });

describe('the plan of npm start', () => {
  test('gives the gateway the addresses of the workers, and all of them one token', () => {
    const plan = planOf({});
    const gatewayEnv = plan.gateway.envWith('postgresql://db');
    expect(gatewayEnv).toMatchObject({
      PORT: '8000',
      DATABASE_URL: 'postgresql://db',
      SEED_DEMO: '1',
      TIMM_SERVICE_URL: 'http://127.0.0.1:8001',
      ULTRALYTICS_SERVICE_URL: 'http://127.0.0.1:8002',
      HUGGINGFACE_SERVICE_URL: 'http://127.0.0.1:8003',
      TRAINING_SERVICE_URL: 'http://127.0.0.1:8001',
      DATA_DIR: '/repository/.data',
    });
    expect(gatewayEnv.WORKER_TOKEN?.length).toBeGreaterThan(20);
    expect(plan.workers.map(({ env }) => env.WORKER_TOKEN)).toEqual(Array(3).fill(gatewayEnv.WORKER_TOKEN));
    expect(plan.embeddedDatabaseDir).toBe('/repository/.data/postgres');
  });

  test('lets the gateway remember what it knows of an embedded database, which nobody else changes', () => {
    const cacheOf = (env: Record<string, string>) => planOf(env).gateway.envWith('postgresql://db').JOB_CACHE_MS;
    expect([cacheOf({}), cacheOf({ JOB_CACHE_MS: '5' })]).toEqual(['600000', '5']);
    expect(cacheOf({ DATABASE_URL: 'postgresql://db' })).toBeUndefined();
  });

  test('keeps what is the gateway’s alone from the workers', () => {
    const plan = planOf({
      DATABASE_URL: 'postgresql://secret@db',
      LENSGATE_ADMIN_KEY: 'secret',
      HOST: '0.0.0.0',
      ALLOWED_HOSTS: 'lensgate.example.org',
      QUEUE_MAX: '7',
    });
    for (const { env } of plan.workers) {
      expect(JSON.stringify(env)).not.toContain('secret');
      expect(env).toMatchObject({ HOST: host, QUEUE_MAX: '7' });
      expect(env).not.toHaveProperty('ALLOWED_HOSTS');
    }
    expect(plan.gateway.envWith('postgresql://secret@db')).toMatchObject({ HOST: '0.0.0.0', SEED_DEMO: '0' });
    expect(plan.gateway.url).toBe('http://127.0.0.1:8000');
    expect(plan.embeddedDatabaseDir).toBeUndefined();
  });

  test('divides the memory among the workers and leaves the cores to each', () => {
    const plan = planOf({});
    for (const { env } of plan.workers) {
      expect(env).toMatchObject({ WORKER_MEMORY_MB: String(workerMemoryMb(16 * GiB, 3)) });
      expect(env).not.toHaveProperty('WORKER_CPUS');
    }
    expect(3 * workerMemoryMb(16 * GiB, 3)).toBeLessThan(16 * 1024);
    expect(workerMemoryMb(GiB / 4, 3)).toBe(256);
    expect(planOf({ WORKER_MEMORY_MB: '999' }).workers[0]?.env).toMatchObject({ WORKER_MEMORY_MB: '999' });
  });

  test('does not start a worker that runs elsewhere', () => {
    const env = { ULTRALYTICS_SERVICE_URL: 'http://gpu-1:8002,http://gpu-2:8002' };
    expect(localWorkers(env).map(({ name }) => name)).toEqual(['worker-timm', 'worker-huggingface']);
    expect(portWishes(env).map(({ variable }) => variable)).toEqual(['PORT', 'TIMM_PORT', 'HUGGINGFACE_PORT']);
    const gatewayEnv = planOf(env, [8000, 8001, 8003]).gateway.envWith('postgresql://db');
    expect(gatewayEnv).toMatchObject({ ...env, HUGGINGFACE_SERVICE_URL: 'http://127.0.0.1:8003' });
  });

  test('takes an empty variable for one that is not set', () => {
    expect(withoutEmpty({ DATABASE_URL: '', PORT: '1', NOTHING: undefined })).toEqual({ PORT: '1' });
  });
});

describe('ports', () => {
  test('are numbers, and a variable that is none is named', () => {
    expect([parsePort('PORT', undefined, 8000), parsePort('PORT', '0', 8000)]).toEqual([8000, 0]);
    for (const text of ['eight', '65536', '-1', '80.5']) {
      expect(() => parsePort('TIMM_PORT', text, 8001)).toThrow('TIMM_PORT');
    }
  });

  test('that are free are found, and are different', async () => {
    const wishes = ['A', 'B', 'C'].map((name) => ({ name, variable: name, host, port: 0 }));
    expect(new Set(await findPorts(wishes)).size).toBe(3);
  });

  test('that are in use are named with the variable to set', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const { port } = server.address() as { port: number };
    const wishes = [{ name: 'worker-timm', variable: 'TIMM_PORT', host, port }];
    await expect(findPorts(wishes, { waitMsMax: 0 })).rejects.toThrow(
      new RegExp(`Port ${port}, where worker-timm .* in use.* TIMM_PORT`),
    );
    const freed = findPorts(wishes);
    await new Promise((resolve) => server.close(resolve));
    expect(await freed).toEqual([port]);
  });

  test('that two services share are noticed', async () => {
    const [port = 0] = await findPorts([{ name: 'a', variable: 'A', host, port: 0 }]);
    const wishes = ['a', 'b'].map((name) => ({ name, variable: name.toUpperCase(), host, port }));
    await expect(findPorts(wishes, { waitMsMax: 0 })).rejects.toThrow('set B');
  });
});

describe('a service that dies', () => {
  test('is started again when it is a worker that was ready, later each time', () => {
    const waits = [1, 2, 3, 20].map((deathsInARow) => afterDeath({ role: 'worker', wasReady: true, deathsInARow }));
    expect(waits.map((decision) => (decision.action === 'restart' ? decision.waitMs : undefined))).toEqual([
      250, 500, 1_000, 10_000,
    ]);
  });

  test('ends everything when it was never ready, or when everything rests on it', () => {
    expect(afterDeath({ role: 'worker', wasReady: false, deathsInARow: 1 })).toEqual({ action: 'give-up' });
    expect(afterDeath({ role: 'gateway', wasReady: true, deathsInARow: 1 })).toEqual({ action: 'give-up' });
  });
});

describe('what a service is installed from', () => {
  const packages = {
    '': { name: 'root', devDependencies: { builder: '1' } },
    'node_modules/@x/app': { link: true, resolved: 'apps/app' },
    'node_modules/@x/kit': { link: true, resolved: 'packages/kit' },
    'node_modules/@x/other': { link: true, resolved: 'apps/other' },
    'apps/app': { version: '1', dependencies: { '@x/kit': '1', orm: '1' }, devDependencies: { builder: '1' } },
    'apps/other': { version: '1', dependencies: { orm: '1' } },
    'packages/kit': { version: '1', dependencies: { shared: '2' }, optionalDependencies: { absent: '1' } },
    'packages/kit/node_modules/shared': { version: '2.0.0', dependencies: { deep: '1' } },
    'node_modules/shared': { version: '1.0.0' },
    'node_modules/deep': { version: '1.0.0', dependencies: { deep2: '1' } },
    'node_modules/deep2': { version: '1.0.0', dependencies: { deep: '1' } },
    'node_modules/orm': {
      version: '1.0.0',
      devOptional: true,
      peerDependencies: { builder: '*', engine: '*' },
      peerDependenciesMeta: { builder: { optional: true } },
    },
    'node_modules/engine': { version: '1.0.0', peer: true },
    'node_modules/builder': { version: '1.0.0', dev: true },
  };

  test('is what it needs at run time, found as Node finds it, and nothing that only building needs', () => {
    expect([...neededPackages(packages, 'apps/app')].sort()).toEqual([
      'apps/app',
      'node_modules/@x/app',
      'node_modules/@x/kit',
      'node_modules/deep',
      'node_modules/deep2',
      'node_modules/engine',
      'node_modules/orm',
      'packages/kit',
      'packages/kit/node_modules/shared',
    ]);
  });

  test('is a lockfile of production packages alone', () => {
    const lock = { name: 'root', version: '1', lockfileVersion: 3, packages };
    const manifest = { name: 'root', version: '1', devDependencies: { builder: '1' }, workspaces: ['apps/*'] };
    const production = productionOf(lock, manifest, 'apps/app');
    expect(production.workspaces).toEqual(['apps/app', 'packages/kit']);
    expect(production.manifest.workspaces).toEqual(production.workspaces);
    expect(JSON.stringify([production.lock, production.manifest])).not.toMatch(/devDependencies|devOptional|"peer":/);
  });

  test('is refused for what is no workspace', () => {
    expect(() => neededPackages(packages, 'apps/none')).toThrow('apps/none');
  });
});

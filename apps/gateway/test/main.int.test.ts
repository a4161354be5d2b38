import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestDatabase } from '@lensgate/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { json, openDatabase, quickForm } from './start-gateway.js';

const main = join(import.meta.dirname, '../dist/main.js');
let database: TestDatabase;
let dataDir: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  database = await openDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'lensgate-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
});

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, PORT: '0', DATABASE_URL: database.databaseUrl, DATA_DIR: dataDir, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.push(child);
  const gateway = { child, output: '', exit: new Promise<number | null>((resolve) => child.once('exit', resolve)) };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      gateway.output += chunk;
    });
  return gateway;
}
async function urlOf(gateway: ReturnType<typeof start>): Promise<string> {
  await expect.poll(() => gateway.output, { timeout: 30_000 }).toContain('listening on');
  return /listening on (http:\S+?)"/.exec(gateway.output)![1]!;
}

test('a configuration with faults ends the start with 1 and words for each', async () => {
  const gateway = start({ DATABASE_URL: '', HOST: '0.0.0.0', PORT: 'http' });
  expect(await gateway.exit).toBe(1);
  expect(gateway.output).toMatch(/PORT: must be a whole number\n.*DATABASE_URL: must be set/);
});

test('listening beyond this machine is refused where there is no key, unless it is meant', async () => {
  const own = await openDatabase();
  const startWide = (env: Record<string, string> = {}) =>
    start({ HOST: '0.0.0.0', DATABASE_URL: own.databaseUrl, ...env });
  const refused = startWide();
  expect(await refused.exit).toBe(1);
  expect(refused.output).toContain('LENSGATE_ADMIN_KEY');
  expect(refused.output).toContain('AUTH=none');
  expect(refused.output).not.toContain('listening on');

  const open = startWide({ AUTH: 'none' });
  expect((await fetch(`${await urlOf(open)}/api/v1/training/jobs`)).status).toBe(200);

  const adminKey = 'an-admin-key-of-this-test-0123456789';
  const withAdmin = startWide({ LENSGATE_ADMIN_KEY: adminKey });
  const keysUrl = `${await urlOf(withAdmin)}/api/v1/keys`;
  expect((await fetch(keysUrl)).status).toBe(401);
  const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' };
  const created = await json(await fetch(keysUrl, { method: 'POST', headers, body: '{"name":"gate"}' }));
  expect(created.status).toBe(201);

  // There is a key now: whoever has it may call, and nobody else.
  const withKey = startWide();
  const jobsUrl = `${await urlOf(withKey)}/api/v1/training/jobs`;
  expect((await fetch(jobsUrl)).status).toBe(401);
  expect((await fetch(jobsUrl, { headers: { authorization: `Bearer ${created.body.key}` } })).status).toBe(200);
  for (const each of [open, withAdmin, withKey]) each.child.kill('SIGTERM');
  await Promise.all([open.exit, withAdmin.exit, withKey.exit]);
  await own.close();
});

test('it migrates, seeds the demo jobs once, serves, and ends with 0 on SIGTERM', async () => {
  const env = { SEED_DEMO: '1', ULTRALYTICS_SERVICE_URL: 'http://127.0.0.1:9' };
  const gateway = start(env);
  const url = await urlOf(gateway);
  expect((await fetch(`${url}/ready`)).status).toBe(200);
  const job = await json(await fetch(`${url}/api/v1/training/jobs/20`));
  expect(job.body).toMatchObject({ name: 'Wardrobe detector', framework: 'ultralytics', num_classes: 10 });
  await fetch(`${url}/api/v1/training/jobs/20`, { method: 'DELETE' });
  gateway.child.kill('SIGTERM');
  expect(await gateway.exit).toBe(0);

  const again = start(env);
  expect((await fetch(`${await urlOf(again)}/api/v1/training/jobs/20`)).status).toBe(404);
});

test('demo models that are larger than a checkpoint may be are left out, and the log says by which setting', async () => {
  const own = await openDatabase();
  const gateway = start({ SEED_DEMO: '1', CHECKPOINT_BYTES_MAX: '100000', DATABASE_URL: own.databaseUrl });
  const jobs = await json(await fetch(`${await urlOf(gateway)}/api/v1/training/jobs`));
  expect((jobs.body.jobs as { id: number }[]).map(({ id }) => id)).not.toContain(20);
  expect(gateway.output).toContain('a demo model is larger than CHECKPOINT_BYTES_MAX allows');
  gateway.child.kill('SIGTERM');
  await gateway.exit;
  await own.close();
});

test('with EXIT_WITH_PARENT it ends when what started it is gone', async () => {
  const gateway = start({ EXIT_WITH_PARENT: '1' });
  await urlOf(gateway);
  gateway.child.stdin?.end();
  expect(await gateway.exit).toBe(0);
});

test('without a database the start waits, then gives up with words', async () => {
  const gateway = start({ DATABASE_URL: 'postgres://127.0.0.1:9/x', DATABASE_WAIT_MS: '10' });
  expect(await gateway.exit).toBe(1);
  expect(gateway.output).toContain('the gateway cannot start');
});

test('a database that goes away makes requests 503 and the gateway not ready, and it is alive', async () => {
  const own = await openDatabase();
  const gateway = start({ DATABASE_URL: own.databaseUrl, JOB_CACHE_MS: '0' });
  const url = await urlOf(gateway);
  expect((await fetch(`${url}/ready`)).status).toBe(200);
  await own.close();
  const listed = await json(await fetch(`${url}/api/v1/training/jobs`));
  expect(listed).toMatchObject({ status: 503, body: { code: 'DATABASE_UNAVAILABLE', retryable: true } });
  const quick = await fetch(`${url}/api/v1/test_inference/inference/quick`, {
    method: 'POST',
    body: quickForm({ training_job_id: '1' }),
  });
  expect(quick.status).toBe(503);
  await expect.poll(async () => (await fetch(`${url}/ready`)).status, { timeout: 10_000 }).toBe(503);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(gateway.output).not.toMatch(/"level":"(error|fatal)"/);
});

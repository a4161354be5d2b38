import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childrenOf, copyEmptyCluster, isAlive, rootDir, waitFor } from '@lensgate/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type NpmStart, npmStart } from './npm-start.js';

/** `npm start` as a user runs it, on free ports and with its data in a folder of the test. */
let dataDir: string;
const started: NpmStart[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'lensgate-start-'));
  await copyEmptyCluster(join(dataDir, 'postgres'));
});
afterEach(() => {
  for (const { pid } of started.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

function launch(env: Record<string, string> = {}): NpmStart {
  const launched = npmStart({ dataDir, env: { LOG_LEVEL: 'warn', ...env } });
  started.push(launched);
  return launched;
}

const familyOf = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...familyOf(child)]);
const noneAlive = (pids: readonly number[]) => waitFor(() => !pids.some(isAlive), { what: 'the end of every process' });
const serviceOf = (pid: number, workspace: string) =>
  childrenOf(pid).filter((child) =>
    readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(`${workspace}/dist/main.js`),
  );

async function infer(url: string): Promise<{ status: number; boxes: number }> {
  const form = new FormData();
  form.append('training_job_id', '20');
  form.append('file', new Blob([await readFile(join(rootDir, 'models/samples/scene-1003.png'))]), 'scene-1003.png');
  const response = await fetch(`${url}/api/v1/test_inference/inference/quick`, { method: 'POST', body: form });
  const answer = (await response.json()) as { num_detections?: number };
  return { status: response.status, boxes: answer.num_detections ?? 0 };
}
const twoBoxes = { status: 200, boxes: 2 };

test('everything ends with a launcher that is killed, and the next start serves; SIGTERM drains and exits with 0', async () => {
  const first = launch();
  expect(await infer(await first.ready())).toEqual(twoBoxes);
  const family = familyOf(first.pid);
  // Gateway, three workers, the database, and a child for the picture.
  expect(family.length).toBeGreaterThanOrEqual(6);
  process.kill(first.pid, 'SIGKILL');
  await noneAlive(family);

  const second = launch();
  expect(await infer(await second.ready())).toEqual(twoBoxes);
  const secondFamily = familyOf(second.pid);
  process.kill(second.pid, 'SIGTERM');
  expect(await second.ended).toEqual({ code: 0, signal: null });
  await noneAlive(secondFamily);
});

test('a worker that is killed comes back without the gateway being touched; a gateway that is killed ends everything', async () => {
  const launched = launch();
  const url = await launched.ready();
  const [worker = 0] = serviceOf(launched.pid, 'apps/worker-ultralytics');
  const [gateway = 0] = serviceOf(launched.pid, 'apps/gateway');
  process.kill(worker, 'SIGKILL');
  await waitFor(() => !isAlive(worker), { what: 'the end of the worker' });
  await waitFor(async () => (await infer(url)).boxes === twoBoxes.boxes, { what: 'an answer of the new worker' });
  expect(launched.output()).toContain('worker-ultralytics has ended unexpectedly (SIGKILL) and starts again');
  expect(isAlive(gateway)).toBe(true);

  const family = familyOf(launched.pid);
  process.kill(gateway, 'SIGKILL');
  expect(await launched.ended).toEqual({ code: 1, signal: null });
  expect(launched.output()).toContain('gateway has ended unexpectedly');
  await noneAlive(family);
});

test('a port in use is said in words, with the variable to set, and nothing is started', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const launched = launch({ TIMM_PORT: String(port) });
  expect(await launched.ended).toEqual({ code: 1, signal: null });
  expect(launched.output()).toMatch(new RegExp(`Port ${port}, where worker-timm would listen, is in use.* TIMM_PORT`));
  await new Promise((resolve) => server.close(resolve));
});

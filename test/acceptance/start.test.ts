import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  boxDifferences,
  call,
  closeConnections,
  descendantsOf,
  gatewayCalls,
  isAlive,
  referencePictures,
  rootDir,
  waitFor,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const demoJob = 20;
const { bytes: image, expected } = referencePictures()[0]!;
let dataDir: string;
const started: Started[] = [];

interface Started {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly url: string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'lensgate-start-'));
});
afterAll(async () => {
  for (const { process, ended } of started) {
    process.kill('SIGTERM');
    await ended;
  }
  await rm(dataDir, { recursive: true, force: true });
  await closeConnections();
});

/** `npm start` on free ports, with a data folder of the test, and nothing else in its environment. */
async function start(): Promise<Started> {
  const ports = { PORT: '0', TIMM_PORT: '0', ULTRALYTICS_PORT: '0', HUGGINGFACE_PORT: '0' };
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: rootDir,
    env: { PATH: process.env.PATH ?? '', HOME: dataDir, DATA_DIR: dataDir, ...ports },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const ended = new Promise<Awaited<Started['ended']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  let isGone = false;
  void ended.then(() => {
    isGone = true;
  });
  const url = await waitFor(
    () => {
      if (isGone) throw new Error(`it ended: ${output}`);
      return /Lensgate is ready at (http:\S+)/.exec(output)?.[1];
    },
    { what: `ready words in: ${output}`, waitMsMax: 120_000 },
  );
  const result = { process: child, pid: child.pid ?? 0, url, ended };
  started.push(result);
  return result;
}

async function serves(url: string) {
  const ready = await call<{ ready: boolean }>(`${url}/ready`);
  expect([ready.status, ready.body.ready]).toEqual([200, true]);
  const { status, body } = await gatewayCalls(url).quick(demoJob, { image });
  expect(status).toBe(200);
  expect('predicted_boxes' in body && boxDifferences(body.predicted_boxes, expected)).toEqual([]);
}

describe('npm start', () => {
  test('after kill -9 of all its processes at once, the database too, starts again and serves what it had', async () => {
    const first = await start();
    await serves(first.url);
    const job = (await gatewayCalls(first.url).createJob({ name: 'made before the kill' })).body;
    const all = [first.pid, ...descendantsOf(first.pid)];
    // Launcher, database, gateway, three workers, and a spare of each worker.
    expect(all.length).toBeGreaterThanOrEqual(9);
    const killedAtMs = performance.now();
    for (const pid of all) process.kill(pid, 'SIGKILL');
    await waitFor(() => !all.some(isAlive), { what: 'the end of every process', waitMsMax: 20_000 });
    process.stderr.write(`no process left ${Math.round(performance.now() - killedAtMs)} ms after the kill of all\n`);
    await first.ended;

    const second = await start();
    await serves(second.url);
    expect((await gatewayCalls(second.url).job(job.id)).body).toEqual(job);
  });
});

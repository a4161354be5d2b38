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
  waitFor,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NpmStart, npmStart } from './npm-start.js';

const demoJob = 20;
const { bytes: image, expected } = referencePictures()[0]!;
let dataDir: string;
const started: NpmStart[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'lensgate-start-'));
});
afterAll(async () => {
  for (const { pid, ended } of started) {
    if (isAlive(pid)) process.kill(pid, 'SIGTERM');
    await ended;
  }
  await rm(dataDir, { recursive: true, force: true });
  await closeConnections();
});

async function start(): Promise<{ pid: number; url: string; ended: NpmStart['ended'] }> {
  const launched = npmStart({ dataDir });
  started.push(launched);
  return { pid: launched.pid, url: await launched.ready(), ended: launched.ended };
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

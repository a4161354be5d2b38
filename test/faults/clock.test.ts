import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Problem, UploadedImage } from '@lensgate/contracts';
import {
  type Answer,
  aJob,
  call,
  closeConnections,
  detectModel,
  endlessSteps,
  formOf,
  greyPicture,
  referencePictures,
  rootDir,
  untilBusy,
  untilIdle,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { report } from './report.js';
import { startWorld, type World } from './world.js';

const hourMs = 3_600_000;
const jumps = { 'a day ahead': 24 * hourMs, 'a day back': -24 * hourMs, 'ten years ahead': 10 * 365 * 24 * hourMs };
const picture = referencePictures()[0]!.bytes;
let folder: string;
let world: World;
let endlessJob: number;
let secondsJob: number;
let white: Buffer;
let black: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lensgate-clock-'));
  const offset = join(folder, 'offset');
  await writeFile(offset, '0');
  const shift = pathToFileURL(join(rootDir, 'test/faults/fixtures/shift-clock.mjs')).href;
  const env = { NODE_OPTIONS: `--import ${shift}`, CLOCK_OFFSET_FILE: offset };
  world = await startWorld({ gatewayEnv: env, workerEnv: { ...env, WORKER_CPUS: '2' } });
  [white, black] = await Promise.all([greyPicture(255), greyPicture(0)]);
  const jobOf = async (model: Buffer) => {
    const { id } = (await world.gateway.createJob(aJob())).body;
    expect((await world.gateway.upload(id, model)).status).toBe(201);
    return id;
  };
  endlessJob = await jobOf(detectModel({ brightSteps: endlessSteps }));
  secondsJob = await jobOf(detectModel({ brightSteps: 150_000 }));
});
afterAll(async () => {
  await jumpTo(0);
  await world.close();
  await rm(folder, { recursive: true, force: true });
  await closeConnections();
});

/** Once a service has logged a line at its new time it has jumped. */
async function jumpTo(offsetMs: number): Promise<void> {
  await writeFile(join(folder, 'offset'), String(offsetMs));
  for (const service of [world.gateway, world.worker]) {
    service.signal('SIGWINCH');
    const isThere = ({ time }: Readonly<Record<string, unknown>>) =>
      Math.abs(Date.parse(String(time)) - Date.now() - offsetMs) < hourMs;
    const before = service.logs.length;
    const asking = setInterval(() => void call(`${service.url}/health`).catch(() => undefined), 50);
    await service.logged((line) => service.logs.indexOf(line) >= before && isThere(line), 'a line at the new time');
    clearInterval(asking);
  }
}

describe.each(Object.entries(jumps))('a wall clock that jumps %s', (words, offsetMs) => {
  test('changes nothing for requests that wait, run or expire meanwhile', async () => {
    await jumpTo(0);
    // Both have a warm child, so both run at once.
    for (const id of [secondsJob, endlessJob])
      expect((await world.gateway.quick(id, { image: black })).status).toBe(200);
    const running = world.gateway.quick(secondsJob, { image: white });
    const late = world.gateway.quick<Problem>(endlessJob, { image: white, fields: { timeout_ms: 2_000 } });
    await untilBusy(world.worker, { running: 2 });
    await jumpTo(offsetMs);
    expect((await running).status).toBe(200);
    const { status, body } = await late;
    expect([status, body.code]).toEqual([504, 'DEADLINE_EXCEEDED']);
    await untilIdle(world.worker);
    expect((await world.gateway.quick(20, { image: picture })).status).toBe(200);
    report({
      part: 'surroundings',
      fault: `the wall clock jumps ${words}`,
      how: 'in gateway and worker, while one request runs and another is about to pass its deadline',
      times: 1,
      outcome: 'the first answers 200, the second 504 in its own time, later ones 200',
    });
  });
});

test('a handle ends by the wall clock, which gateways and starts share', async () => {
  await jumpTo(0);
  const uploadUrl = world.gateway.quickUrl.replace('quick', 'upload-image');
  const { body, contentType } = formOf([{ name: 'file', value: picture, filename: 'a.png' }]);
  const upload = async () => {
    const headers = { 'content-type': contentType };
    return (await call<UploadedImage>(uploadUrl, { method: 'POST', body, headers })).body.server_path;
  };
  const use = (handle: string): Promise<Answer<Problem>> =>
    call<Problem>(world.gateway.quickUrl, { method: 'POST', json: { training_job_id: 20, image_path: handle } });
  const [handle, other] = [await upload(), await upload()];
  await jumpTo(-24 * hourMs);
  expect((await use(handle)).status).toBe(200);
  await jumpTo(25 * hourMs);
  // Gone by its time; forgotten when it has been swept away.
  const { status, body: problem } = await use(other);
  expect([
    [410, 'HANDLE_EXPIRED'],
    [404, 'HANDLE_NOT_FOUND'],
  ]).toContainEqual([status, problem.code]);
  await jumpTo(0);
  expect((await use(await upload())).status).toBe(200);
  report({
    part: 'surroundings',
    fault: 'the wall clock jumps while handles are kept',
    how: 'a day back, then 25 hours ahead',
    times: 2,
    outcome: 'back: still served; ahead of its 24 hours: 410; new uploads are served',
  });
});

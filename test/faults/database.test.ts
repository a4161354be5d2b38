import type { Problem } from '@lensgate/contracts';
import { type Answer, aJob, call, closeConnections, isAlive, referencePictures, waitFor } from '@lensgate/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { counted, report } from './report.js';
import { scale } from './scale.js';
import { startWorld, type World } from './world.js';

const image = referencePictures()[0]!.bytes;
let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.close();
  await closeConnections();
});

test('a database that is away is said, and is found again without a restart', async () => {
  const { gateway, database } = world;
  const api = `${gateway.url}/api/v1`;
  /** A job that no picture was asked for: one that was is remembered for a moment, and its pictures are still served. */
  let unknownYet = 0;
  const asked: Record<string, () => Promise<Answer<Problem>>> = {
    'a list of jobs': () => call<Problem>(`${api}/training/jobs`),
    'a job': () => call<Problem>(`${api}/training/jobs/20`),
    'a new job': () => gateway.createJob<Problem>(aJob()),
    'checkpoints of a job': () => call<Problem>(`${api}/training/jobs/20/checkpoints`),
    'the end of a session': () => call<Problem>(`${api}/test_inference/inference/session/a`, { method: 'DELETE' }),
    'a picture by its handle': () =>
      call<Problem>(gateway.quickUrl, {
        method: 'POST',
        json: { training_job_id: 20, image_path: `upload_${'0'.repeat(32)}` },
      }),
    'a picture': () => gateway.quick<Problem>(unknownYet, { image }),
  };
  const isDatabaseReady = async () =>
    (await call<{ database: { reachable: boolean } }>(`${gateway.url}/ready`)).body.database.reachable;
  const words: string[] = [];
  for (let round = 0; round < scale.rounds; round++) {
    expect((await gateway.quick(20, { image })).status).toBe(200);
    unknownYet = (await gateway.createJob(aJob())).body.id;
    await database.kill9();
    await waitFor(async () => !(await isDatabaseReady()), { what: 'a readiness that tells' });
    for (const [name, ask] of Object.entries(asked)) {
      const { status, headers, body } = await ask();
      expect([name, status, body.code]).toEqual([name, 503, 'DATABASE_UNAVAILABLE']);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      words.push(`${status} ${body.code}`);
    }
    expect((await call(`${gateway.url}/health`)).status).toBe(200);
    await database.again();
    await waitFor(isDatabaseReady, { what: 'a readiness that tells' });
    expect((await gateway.quick(20, { image })).status).toBe(200);
    expect((await gateway.createJob(aJob())).status).toBe(201);
  }
  expect(isAlive(gateway.pid)).toBe(true);
  report({
    part: 'surroundings',
    fault: 'the database is killed, and comes back',
    how: `${Object.keys(asked).length} kinds of requests while it is away`,
    times: scale.rounds,
    outcome: `${counted(words)}, each with Retry-After; /health 200; 200 again when it is back, without a restart`,
  });
});

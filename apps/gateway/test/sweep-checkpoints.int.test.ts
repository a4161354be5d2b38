import { createHash } from 'node:crypto';
import { access, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestDatabase } from '@lensgate/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweepCheckpoints } from '../src/services/sweep-checkpoints.js';
import { json, openDatabase, sendJson, startGateway, type TestGateway } from './start-gateway.js';

let database: TestDatabase;
let gateway: TestGateway;
beforeAll(async () => {
  database = await openDatabase();
  gateway = await startGateway(database.databaseUrl);
});
afterAll(async () => {
  await gateway.stop();
  await database.close();
});

const hourMs = 3_600_000;
const pathOf = (name: string) => join(gateway.dataDir, 'checkpoints', name);
const isThere = (name: string) =>
  access(pathOf(name)).then(
    () => true,
    () => false,
  );
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

test('bytes whose row was never made are removed once they are old, and bytes of a checkpoint stay', async () => {
  const job = { name: 'a', framework: 'ultralytics', model_name: 'm', task_type: 'object_detection', num_classes: 1 };
  const { body } = await sendJson(`${gateway.api}/training/jobs`, 'POST', job);
  const form = new FormData();
  form.append('file', new Blob(['weights']), 'a.onnx');
  const url = `${gateway.api}/training/jobs/${body.id}/checkpoints`;
  expect((await json(await fetch(url, { method: 'POST', body: form }))).status).toBe(202);
  const kept = digestOf('weights');
  const [lost, fresh] = [digestOf('lost'), digestOf('fresh')];
  for (const name of [lost, fresh, 'half.part']) await writeFile(pathOf(name), 'x');
  const longAgo = new Date(Date.now() - 2 * hourMs);
  for (const name of [kept, lost, 'half.part']) await utimes(pathOf(name), longAgo, longAgo);
  await sweepCheckpoints(gateway.parts, Date.now());
  expect(await Promise.all([kept, fresh, lost, 'half.part'].map(isThere))).toEqual([true, true, false, false]);
});

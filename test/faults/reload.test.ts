import {
  closeConnections,
  detectModel,
  greyPicture,
  type Stack,
  startStack,
  untilIdle,
  withMetadata,
} from '@lensgate/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteCheckpoint, jobOf, uploadBest } from './load/demo.js';
import { counted, report } from './report.js';
import { scale } from './scale.js';

const clients = 4;
/** A white picture takes some tens of milliseconds: there is always work of the checkpoint that goes. */
const model = detectModel({ brightSteps: 5_000 });
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ workerEnv: { WORKER_CPUS: '2' } });
});
afterAll(async () => {
  await stack.close();
  await closeConnections();
});

test('checkpoints come, become the best and go under load: nobody is told anything but the truth', async () => {
  const { gateway, workers } = stack;
  const worker = workers.get('ultralytics')!;
  const white = await greyPicture(255);
  const jobId = await jobOf(gateway, model);
  const paths = new Set<string>();
  let isOver = false;

  /** Takes whatever is the best. */
  const follower = async (outcomes: string[]) => {
    while (!isOver) {
      const { status, body } = await gateway.quick(jobId, { image: white });
      outcomes.push(status === 200 ? '200' : `${status} ${(body as { code?: string }).code}`);
      if (status === 200) paths.add(body.model.checkpoint_path);
    }
  };
  /** Names a checkpoint, also when it has just gone. */
  const stickler = async (outcomes: string[]) => {
    while (!isOver) {
      const [path = 'none'] = [...paths].slice(-2);
      const { status, body } = await gateway.quick(jobId, { image: white, fields: { checkpoint_path: path } });
      outcomes.push(status === 200 ? '200' : `${status} ${(body as { code?: string }).code}`);
    }
  };
  const followed: string[] = [];
  const named: string[] = [];
  const asking = [
    ...Array.from({ length: clients }, () => follower(followed)),
    ...Array.from({ length: 2 }, () => stickler(named)),
  ];
  const endAtMs = performance.now() + (scale.seconds / 2) * 1_000;
  let replaced = 0;
  try {
    const [first] = (await gateway.checkpoints(jobId)).body.checkpoints;
    let old = first!.id;
    while (performance.now() < endAtMs || replaced < 3) {
      const fresh = await uploadBest(gateway, jobId, withMetadata(model, { replaced: String(replaced) }));
      await deleteCheckpoint(gateway, jobId, old);
      old = fresh.id;
      replaced += 1;
    }
  } finally {
    isOver = true;
    await Promise.all(asking);
  }
  expect([...new Set(followed)]).toEqual(['200']);
  // What has gone cannot be named any more, and that is what is said.
  const truths = ['200', '404 CHECKPOINT_NOT_FOUND'];
  expect([...new Set(named)].filter((outcome) => !truths.includes(outcome))).toEqual([]);
  expect(followed.length).toBeGreaterThan(replaced);
  expect(paths.size).toBeGreaterThanOrEqual(3);
  await untilIdle(worker);
  const { children } = await worker.ready();
  expect(children).toBeLessThanOrEqual(2);
  report({
    part: 'load',
    fault: 'checkpoints that are replaced',
    how: `a new best one is uploaded and the old one deleted, while ${clients} clients follow the best and 2 name one`,
    times: replaced,
    outcome: `those who follow ${counted(followed)}; those who name ${counted(named)}`,
  });
});

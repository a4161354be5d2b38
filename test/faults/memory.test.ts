import {
  closeConnections,
  descendantsOf,
  detectModel,
  greyPicture,
  proportionalBytesOf,
  type Stack,
  startStack,
  untilIdle,
  waitFor,
  withMetadata,
} from '@lensgate/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteCheckpoint, uploadBest } from './load/demo.js';
import { wordsOf } from './load/figures.js';
import { heapGrownOf } from './load/services.js';
import { median } from './load/shots.js';
import { report } from './report.js';
import { scale } from './scale.js';

const baseAfter = 20;
/** 200, or fewer where time is short. */
const loadCount = Math.max(60, Math.min(200, Math.round((200 * scale.seconds) / 30)));
/** What is looked at around a count of loads. */
const looksPerPoint = 5;
/** Below it a service at rest does not collect; what is looked at adds some. */
const garbageMaxBytes = 10e6;
/** Far above what a collector's mood explains, far below what a leak of every load would hold. */
const growthMax = 1.5;

let stack: Stack;
beforeAll(async () => {
  // The memory of a service at rest is looked at often: it need not rest for a minute each time.
  const env = { COLLECT_REST_MS: '1000' };
  stack = await startStack({ gatewayEnv: env, workerEnv: env });
});
afterAll(async () => {
  await stack.close();
  await closeConnections();
});

test(`after ${loadCount} loads and unloads of different checkpoints memory is what it was after ${baseAfter}`, async () => {
  const { gateway, workers } = stack;
  const worker = workers.get('ultralytics')!;
  const image = await greyPicture(0);
  const { id: jobId } = (await gateway.createJob()).body;
  /** All that the services hold at rest: no garbage worth a collection, and no child but one spare. */
  const heldBytes = async () => {
    await untilIdle(worker);
    await waitFor(async () => (await worker.ready()).spares === 1 && worker.children().length === 1, {
      what: 'one spare and no other child',
    });
    for (const service of [gateway, worker])
      await waitFor(async () => (await heapGrownOf(service)) < garbageMaxBytes, { what: 'a collection at rest' });
    const pids = [gateway.pid, worker.pid].flatMap((pid) => [pid, ...descendantsOf(pid)]);
    return pids.reduce((sum, pid) => sum + proportionalBytesOf(pid), 0);
  };
  const loadAndUnload = async (index: number) => {
    const { id, path } = await uploadBest(gateway, jobId, withMetadata(detectModel(), { number: String(index) }));
    const { status, body } = await gateway.quick(jobId, { image, fields: { checkpoint_path: path } });
    expect([status, body.model.checkpoint_path]).toEqual([200, path]);
    await deleteCheckpoint(gateway, jobId, id);
  };

  const held: number[] = [];
  for (let load = 1; load <= loadCount; load++) {
    await loadAndUnload(load);
    const isLooked = Math.abs(load - baseAfter) <= 2 || load > loadCount - looksPerPoint;
    if (isLooked) held.push(await heldBytes());
  }
  const growth = median(held.slice(-looksPerPoint)) / median(held.slice(0, looksPerPoint));
  expect(growth).toBeLessThan(growthMax);
  const figure = { value: growth, of: `that after ${baseAfter}`, line: { atMost: 1.1 } };
  report({
    part: 'load',
    fault: 'loads and unloads',
    how: 'of different checkpoints, uploaded, asked and deleted through the gateway',
    times: loadCount,
    outcome: wordsOf({ what: 'proportional memory of all processes', ...figure }),
  });
});

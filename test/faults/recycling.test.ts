import { closeConnections, homesOf, sha256Of, startWorker, untilIdle, waitFor } from '@lensgate/testing';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { demoModel, demoPicture } from './load/demo.js';
import type { Shot } from './load/load.js';
import { startGenerator } from './load/load.js';
import { countedOutcomes, outcomes } from './load/shots.js';
import { workerTarget } from './load/targets.js';
import { report } from './report.js';
import { scale } from './scale.js';

const clients = 6;
const requestsMax = 20;
const rushesMax = 10;
const sha256 = sha256Of(demoModel);
afterAll(closeConnections);

test('children are replaced while clients ask, twins come and go, and no request is lost', async () => {
  const worker = await startWorker({
    env: { WORKER_CPUS: '2', CHILD_REQUESTS_MAX: String(requestsMax), CHILD_IDLE_MS: '1000' },
  });
  onTestFinished(worker.close);
  const generator = await startGenerator();
  onTestFinished(generator.close);
  const target = workerTarget(worker, { sha256, image: demoPicture });
  const endedFor = (reason: string) =>
    worker.logs.filter((line) => line.msg === 'child ended' && line.reason === reason);

  const shots: Shot[] = [];
  const rush = async () => {
    shots.push(...(await generator.run({ kind: 'closed', target, clients, seconds: scale.seconds / 3 })));
  };
  const untilGone = async () => {
    await untilIdle(worker);
    await waitFor(async () => (await homesOf(worker, sha256)).length === 0, { what: 'the end of idle children' });
  };

  // As long as it takes: a slow machine makes few successors in a rush.
  for (let rushes = 0; rushes < rushesMax && endedFor('recycled').length < 3; rushes++) await rush();
  await untilGone();
  await rush();
  await untilGone();

  expect(outcomes(shots)).toEqual(['200']);
  expect(endedFor('recycled').length).toBeGreaterThanOrEqual(3);
  expect(endedFor('crash')).toEqual([]);
  expect(worker.children().length).toBeLessThanOrEqual(1);
  report({
    part: 'load',
    fault: 'children that are replaced',
    how: `after ${requestsMax} requests each, while ${clients} clients ask; a second child comes and goes`,
    times: shots.length,
    outcome: `${countedOutcomes(shots)}; ${endedFor('recycled').length} children replaced`,
  });
});

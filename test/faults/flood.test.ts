import { closeConnections, type Stack, startStack, untilIdle } from '@lensgate/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { capacityOf } from './load/capacity.js';
import { demoPicture, jobsOfDemoModel } from './load/demo.js';
import { wordsOf } from './load/figures.js';
import { type Generator, startGenerator } from './load/load.js';
import { countedOutcomes, outcomes, quantile, timesOf, withStatus } from './load/shots.js';
import { gatewayTarget } from './load/targets.js';
import { report } from './report.js';
import { scale } from './scale.js';

/** Many more than the worker has slots, fewer than its queue has places: every one of them waits all the time. */
const floodClients = 40;
let stack: Stack;
let generators: [Generator, Generator];

beforeAll(async () => {
  stack = await startStack();
  generators = [await startGenerator(), await startGenerator()];
});
afterAll(async () => {
  for (const generator of generators) await generator.close();
  await stack.close();
  await closeConnections();
});

test('a flood on one checkpoint: requests of another are all served', async () => {
  const [flooder, visitor] = generators;
  const [flooded = 0, other = 0] = await jobsOfDemoModel(stack.gateway, 2);
  const targetOf = (jobId: number) => gatewayTarget(stack.gateway, { jobId, image: demoPicture });
  const visit = { kind: 'closed', target: targetOf(other), clients: 1, seconds: scale.seconds / 2 } as const;
  await capacityOf(flooder, targetOf(flooded), 2);
  const quiet = await visitor.run(visit);

  const flood = flooder.run({
    ...visit,
    target: targetOf(flooded),
    clients: floodClients,
    seconds: scale.seconds / 2 + 1,
  });
  const visits = await visitor.run(visit);
  const floods = await flood;

  expect(outcomes([...quiet, ...visits])).toEqual(['200']);
  expect(withStatus(floods, 200).length).toBeGreaterThan(floodClients);
  await untilIdle(stack.workers.get('ultralytics')!);
  const p95 = (shots: typeof visits) => quantile(timesOf(shots), 0.95);
  const slowed = { value: p95(visits) / p95(quiet), of: 'its quiet value', line: { atMost: 2.5 } };
  report({
    part: 'load',
    fault: 'a flood on one checkpoint',
    how: `${floodClients} clients at a time on it, one on another, through the gateway`,
    times: floods.length,
    outcome: `${countedOutcomes(floods)}; all ${visits.length} of the other's 200; ${wordsOf({ what: "the other's p95", ...slowed })}`,
  });
});

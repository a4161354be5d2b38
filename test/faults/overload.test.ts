import {
  closeConnections,
  convolutionModel,
  type Stack,
  type StartedService,
  sha256Of,
  startStack,
  untilIdle,
  untilLogged,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arrivalTimesMs } from './load/arrivals.js';
import { capacityOf, quietMs } from './load/capacity.js';
import { demoPicture, jobOf } from './load/demo.js';
import { wordsOf } from './load/figures.js';
import { type Generator, type Shot, startGenerator, type Target } from './load/load.js';
import { countedOutcomes, goodPerSecond, outcomes, quantile, timesOf, withStatus } from './load/shots.js';
import { gatewayTarget, workerTarget } from './load/targets.js';
import { report } from './report.js';
import { scale } from './scale.js';

/** Of the cost of a YOLO-n: what most people serve. The demo detector takes a tenth of it. */
const model = convolutionModel({ sizePx: 640, layers: 17 });
const timesCapacity = 3;
/** Much longer than a full queue takes. */
const patientMs = 60_000;
/** Requests that are done, one after the other, until a short deadline: a third of what a full queue holds. */
const turnsOfShortDeadline = 20;

let stack: Stack;
let jobId: number;
let generator: Generator;

beforeAll(async () => {
  stack = await startStack();
  jobId = await jobOf(stack.gateway, model);
  generator = await startGenerator();
});
afterAll(async () => {
  await generator.close();
  await stack.close();
  await closeConnections();
});

const worker = () => stack.workers.get('ultralytics')!;

interface Door {
  readonly door: string;
  readonly service: () => StartedService;
  readonly target: (timeoutMs: number) => Target;
}
const doors: readonly Door[] = [
  {
    door: 'a worker',
    service: worker,
    target: (timeoutMs) =>
      workerTarget(worker(), { sha256: sha256Of(model), image: demoPicture, fields: { timeout_ms: timeoutMs } }),
  },
  {
    door: 'the gateway',
    service: () => stack.gateway,
    target: (timeoutMs) =>
      gatewayTarget(stack.gateway, { jobId, image: demoPicture, fields: { timeout_ms: timeoutMs } }),
  },
];

function expectHonest(shots: readonly Shot[], statuses: readonly number[]): void {
  expect(outcomes(shots.filter(({ status }) => !statuses.includes(status)))).toEqual([]);
  for (const refusal of withStatus(shots, 429)) {
    expect(refusal.code).toBe('QUEUE_FULL');
    expect(refusal.retryAfterS).toBeGreaterThanOrEqual(1);
  }
}

describe.each(doors)('three times what $door can do', ({ door, service, target }) => {
  const row = { part: 'load', fault: `three times what ${door} can do` } as const;
  const goodputLine = { what: 'goodput', of: 'capacity', line: { atLeast: 0.9 } } as const;
  let serviceMs: number;

  beforeAll(async () => {
    // A rush makes the checkpoint's second child, which is part of what the worker can do.
    await capacityOf(generator, target(patientMs), 3);
    serviceMs = await quietMs(generator, target(patientMs), 3);
  });

  /** Capacity before and after: the machine may have others to serve. */
  async function storm(timeoutOf: (capacity: number) => number) {
    const measure = () => capacityOf(generator, target(patientMs), scale.seconds / 4);
    const before = await measure();
    const timeoutMs = timeoutOf(before);
    const perSecond = timesCapacity * before;
    const timesMs = arrivalTimesMs({ perSecond, seconds: scale.seconds, seed: scale.seed });
    const fromMs = Date.now();
    const shots = await generator.run({ kind: 'open', target: target(timeoutMs), timesMs });
    const rest = await worker().ready();
    await untilLogged(service());
    const resultLines = service().logs.filter(
      ({ msg, status, time }) => msg === 'request' && status === 200 && Date.parse(String(time)) >= fromMs,
    );
    await untilIdle(worker());
    const capacity = (before + (await measure())) / 2;
    return { shots, rest, resultLines, timeoutMs, goodput: goodPerSecond(shots, scale.seconds) / capacity };
  }

  test('is answered with results and refusals, at the rate that was there before, and leaves nothing behind', async () => {
    const { shots, rest, goodput } = await storm(() => patientMs);
    expectHonest(shots, [200, 429]);
    expect([rest.queued, rest.in_flight]).toEqual([0, 0]);
    expect(withStatus(shots, 429).length).toBeGreaterThan(0);
    const refusal = quantile(timesOf(withStatus(shots, 429)), 0.99) / serviceMs;
    report({
      ...row,
      how: `requests that come whatever becomes of them, for ${scale.seconds} s`,
      times: shots.length,
      outcome: [
        countedOutcomes(shots),
        wordsOf({ ...goodputLine, value: goodput }),
        wordsOf({ what: 'p99 of refusals', value: refusal, of: "a lone request's time", line: { atMost: 0.5 } }),
        'nothing waits or runs right after it',
      ].join('; '),
    });
  });

  test('with a short deadline: no result comes after it, and what cannot come in time is refused', async () => {
    const { shots, resultLines, timeoutMs, goodput } = await storm((capacity) =>
      Math.ceil(turnsOfShortDeadline * (1_000 / capacity)),
    );
    expectHonest(shots, [200, 429, 504]);
    // By the server's clock, until the answer was written. A machine may be slow at that, but not as slow as the whole
    // of what waits, which is three times the deadline.
    expect(resultLines.length).toBeGreaterThan(0);
    const latestMs = Math.max(...resultLines.map(({ duration_ms: ms }) => Number(ms)));
    expect(latestMs).toBeLessThan(2 * timeoutMs);
    const late = withStatus(shots, 504).length / shots.length;
    const latest = Math.max(...timesOf(withStatus(shots, 200))) / timeoutMs;
    report({
      ...row,
      how: `the same with deadlines of ${turnsOfShortDeadline} requests’ time`,
      times: shots.length,
      outcome: [
        countedOutcomes(shots),
        wordsOf({ ...goodputLine, value: goodput }),
        wordsOf({
          what: "the latest result by the service's clock",
          value: latestMs / timeoutMs,
          of: 'its deadline',
          line: { atMost: 1 },
        }),
        wordsOf({ what: "by its client's", value: latest, of: 'its deadline', line: { atMost: 1 } }),
        wordsOf({ what: 'what was let in and came late', value: late, of: 'all', line: { atMost: 0.05 } }),
      ].join('; '),
    });
  });
});

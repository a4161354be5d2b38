import type { Problem } from '@lensgate/contracts';
import {
  closeConnections,
  cpuTicksOf,
  detectModel,
  greyPicture,
  homesOf,
  type Stack,
  type StartedWorker,
  sha256Of,
  startStack,
  untilIdle,
  waitFor,
  withMetadata,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobOf } from './load/demo.js';
import { counted, report } from './report.js';

/** Some seconds on the machines that we know. */
const slowSteps = 700_000;
/** The first takes long for every picture, so that its cost is known as soon as it is loaded; the second for a white one. */
const [slow, slowIfWhite, fast] = [
  detectModel({ steps: slowSteps }),
  detectModel({ brightSteps: slowSteps }),
  detectModel(),
];
let stack: Stack;
let worker: StartedWorker;
let black: Buffer;
let white: Buffer;

beforeAll(async () => {
  [black, white] = await Promise.all([greyPicture(0), greyPicture(255)]);
  stack = await startStack({ workerEnv: { WORKER_CPUS: '1' } });
  worker = stack.workers.get('ultralytics')!;
});
afterAll(async () => {
  await stack.close();
  await closeConnections();
});

/** Waits until no child uses any processor time. */
async function untilChildrenRest(): Promise<void> {
  await waitFor(async () => (await worker.ready()).spares === 1, { what: 'a spare' });
  const ticks = () => worker.children().reduce((sum, pid) => sum + cpuTicksOf(pid), 0);
  let before = ticks();
  await waitFor(
    async () => {
      const last = before;
      // A look at the worker takes time, in which a busy child would have used some.
      for (let look = 0; look < 50; look++) await worker.ready();
      before = ticks();
      return before === last;
    },
    { what: 'the end of all work' },
  );
}

describe('a short deadline on a checkpoint that takes seconds', () => {
  test('is refused at once when the cost is known: no child works for it', async () => {
    const jobId = await jobOf(stack.gateway, slow);
    await untilChildrenRest();
    const { status, body } = await stack.gateway.quick<Problem>(jobId, { image: black, fields: { timeout_ms: 200 } });
    expect([status, body.code]).toEqual([504, 'DEADLINE_TOO_SHORT']);
    const { in_flight, queued } = await worker.ready();
    expect([in_flight, queued]).toEqual([0, 0]);
    await untilChildrenRest();
    report({
      part: 'load',
      fault: 'a deadline of 200 ms',
      how: 'on a checkpoint that is known to take seconds',
      times: 1,
      outcome: `${status} ${body.code} at once, no child works for it`,
    });
  });

  test('is answered 504, and the processor is idle again', async () => {
    const jobId = await jobOf(stack.gateway, slowIfWhite);
    const { status, body } = await stack.gateway.quick<Problem>(jobId, { image: white, fields: { timeout_ms: 300 } });
    expect([status, body.code]).toEqual([504, 'DEADLINE_EXCEEDED']);
    await untilIdle(worker);
    await untilChildrenRest();
    report({
      part: 'load',
      fault: 'a deadline of 300 ms',
      how: 'on a checkpoint that is not known to take seconds',
      times: 1,
      outcome: `${status} ${body.code}, the work is ended and the processor idle`,
    });
    expect((await stack.gateway.quick(jobId, { image: black })).status).toBe(200);
  });
});

describe('a hundred requests with a deadline of a millisecond', () => {
  test.each(['one after the other', 'together'])('%s end no warm child', async (order) => {
    const file = withMetadata(fast, { order });
    const jobId = await jobOf(stack.gateway, file);
    const sha256 = sha256Of(file);
    await stack.gateway.quick(jobId, { image: black });
    const homes = await homesOf(worker, sha256);
    expect(homes).toHaveLength(1);
    const hurry = () => stack.gateway.quick<Problem>(jobId, { image: black, fields: { timeout_ms: 1 } });
    const statuses: number[] = [];
    if (order === 'together') {
      const answers = await Promise.all(Array.from({ length: 100 }, hurry));
      statuses.push(...answers.map(({ status }) => status));
    } else for (let time = 0; time < 100; time++) statuses.push((await hurry()).status);
    // A millisecond may be enough for nobody, or too much is waiting by then.
    expect(statuses.filter((status) => ![429, 504].includes(status))).toEqual([]);
    await untilIdle(worker);
    const { status, body } = await stack.gateway.quick(jobId, { image: black });
    expect([status, body.model.warm]).toEqual([200, true]);
    expect(await homesOf(worker, sha256)).toEqual(homes);
    report({
      part: 'load',
      fault: 'deadlines of 1 ms',
      how: `at a warm checkpoint, ${order}`,
      times: statuses.length,
      outcome: `${counted(statuses)}; the same child serves on`,
    });
  });
});

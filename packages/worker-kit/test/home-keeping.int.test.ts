import {
  detectModel,
  greyPicture,
  homesOf,
  isAlive,
  nothingLeft,
  type StartedWorker,
  sha256Of,
  startWorker,
  untilIdle,
  waitFor,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

/** A white picture keeps it busy for a few hundredths of a second. */
const model = detectModel({ brightSteps: 5_000 });
const sha256 = sha256Of(model);
let white: Buffer;

beforeAll(async () => {
  white = await greyPicture(255);
});

/** As many clients as given, each with its next picture as soon as it is answered, until the condition holds. */
async function floodUntil(worker: StartedWorker, clients: number, isEnough: () => Promise<boolean>): Promise<number[]> {
  const statuses: number[] = [];
  let isOver = false;
  const client = async () => {
    while (!isOver) statuses.push((await worker.quick(sha256, { image: white })).status);
  };
  const running = Array.from({ length: clients }, client);
  try {
    await waitFor(isEnough, { what: 'what the flood is for' });
  } finally {
    isOver = true;
    await Promise.all(running);
  }
  return statuses;
}

const allOk = (statuses: number[]) => statuses.every((status) => status === 200);

describe('a hot checkpoint', () => {
  let worker: StartedWorker;
  beforeAll(async () => {
    worker = await startWorker({ env: { WORKER_CPUS: '2', CHILD_IDLE_MS: '1000' } });
    expect((await worker.put(model)).status).toBe(200);
  });
  afterAll(async () => {
    await untilIdle(worker);
    await worker.stop();
    const left = await worker.leftovers();
    await worker.close();
    expect(left).toEqual(nothingLeft);
  });

  test('gets a second child, both work at the same time, and both end when the rush is over', async () => {
    const first = await homesOf(worker, sha256);
    const statuses = await floodUntil(worker, 4, async () => {
      const [{ children }, { in_flight }] = await Promise.all([worker.checkpoint(sha256), worker.ready()]);
      return children === 2 && in_flight === 2;
    });
    expect(allOk(statuses)).toBe(true);
    const both = await homesOf(worker, sha256);
    expect(both).toEqual(expect.arrayContaining(first));
    await waitFor(() => !both.some(isAlive), { what: 'the end of both' });
    expect((await worker.checkpoint(sha256)).children).toBe(0);
  });
});

describe('a child that has served its share', () => {
  test('is replaced under load, and no request fails for it', async () => {
    const worker = await startWorker({ env: { WORKER_CPUS: '1', CHILD_REQUESTS_MAX: '5' } });
    onTestFinished(worker.close);
    expect((await worker.put(model)).status).toBe(200);
    const recycled = () => worker.logs.filter((line) => line.msg === 'child ended' && line.reason === 'recycled');
    const statuses = await floodUntil(worker, 2, async () => recycled().length >= 3);
    expect(allOk(statuses)).toBe(true);
    expect(statuses.length).toBeGreaterThanOrEqual(15);
    await waitFor(async () => (await worker.checkpoint(sha256)).children === 1);
    await waitFor(() => !recycled().some(({ pid }) => isAlive(Number(pid))), { what: 'the end of the old ones' });
  });

  test('is replaced when it holds too much memory', async () => {
    const worker = await startWorker({ env: { CHILD_MEMORY_MB: '64' } });
    onTestFinished(worker.close);
    await worker.put(model);
    const [pid = 0] = await homesOf(worker, sha256);
    expect((await worker.quick(sha256, { image: white })).status).toBe(200);
    await waitFor(() => !isAlive(pid));
    const { status, body } = await worker.quick(sha256, { image: white });
    expect([status, body.model.warm]).toEqual([200, true]);
  });
});

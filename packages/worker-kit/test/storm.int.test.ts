import {
  closeConnections,
  descriptorsOf,
  detectModel,
  greyPicture,
  homesOf,
  nothingLeft,
  type StartedWorker,
  sha256Of,
  startWorker,
  untilIdle,
  waitFor,
  withMetadata,
} from '@lensgate/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from './pictures.js';

const requestCount = 150;
const queueMax = 10;
/** A white picture takes a tenth of a second or so. */
const models = ['a', 'b', 'c'].map((name) => withMetadata(detectModel({ brightSteps: 15_000 }), { name }));
let worker: StartedWorker;

beforeAll(async () => {
  worker = await startWorker({ env: { WORKER_CPUS: '2', CHILDREN_MAX: '2', QUEUE_MAX: String(queueMax) } });
  for (const model of models) expect((await worker.put(model)).status).toBe(200);
});
afterAll(async () => {
  await worker.stop();
  const left = await worker.leftovers();
  await worker.close();
  expect(left).toEqual(nothingLeft);
});

/** It may have been evicted in this very moment. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    expect(error).toMatchObject({ code: 'ESRCH' });
  }
}

test('after a storm of floods, deadlines, disconnects, bad pictures and killed children nothing is left of it', async () => {
  const random = seededRandom(20);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const images = [await greyPicture(0), await greyPicture(200), await greyPicture(255), Buffer.from('no picture')];
  await untilIdle(worker);
  await waitFor(async () => (await worker.ready()).spares === 1);
  await closeConnections();
  const sockets = () => descriptorsOf(worker.pid).filter((path) => path.startsWith('socket:')).length;
  const before = sockets();

  const counts = new Map<number | 'gone', number>();
  const requests = Array.from({ length: requestCount }, async (_, index) => {
    const client = new AbortController();
    const model = pick(models);
    const leaves = random() < 0.25;
    const fields = random() < 0.25 ? { timeout_ms: 1 + Math.floor(random() * 200) } : {};
    const answer = worker
      .quick(sha256Of(model), { image: pick(images), fields, signal: client.signal })
      .then(({ status }) => status)
      .catch(() => 'gone' as const);
    // The next question is answered after this request has arrived, sooner or later than the request itself.
    if (leaves) void worker.ready().then(() => client.abort());
    if (index % 40 === 20) {
      const [pid] = await homesOf(worker, sha256Of(model));
      if (pid !== undefined) killIfThere(pid);
    }
    const outcome = await answer;
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  });
  await Promise.all(requests);

  expect([...counts.keys()].filter((outcome) => ![200, 415, 429, 500, 504, 'gone'].includes(outcome))).toEqual([]);
  expect(counts.get(200) ?? 0).toBeGreaterThan(0);
  await untilIdle(worker);
  await waitFor(async () => (await worker.ready()).spares === 1);
  await closeConnections();
  await waitFor(() => sockets() <= before, { what: 'the end of all connections' });
  expect((await worker.ready()).children).toBeLessThanOrEqual(2);
  await waitFor(() => worker.children().length <= 3, { what: 'the end of all children but two homes and a spare' });
  for (const model of models) {
    const { status } = await worker.quick(sha256Of(model), { image: images[0]! });
    expect(status).toBe(200);
  }
});

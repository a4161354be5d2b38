import type { Problem } from '@lensgate/contracts';
import {
  call,
  childLinesOf,
  cpuTicksOf,
  detectModel,
  endlessSteps,
  formOf,
  greyPicture,
  homesOf,
  isAlive,
  nothingLeft,
  rawRequest,
  requestBytes,
  type StartedWorker,
  sha256Of,
  startWorker,
  untilBusy,
  untilIdle,
  waitFor,
  withMetadata,
  workerFields,
} from '@lensgate/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

const model = detectModel({ brightSteps: endlessSteps });
const sha256 = sha256Of(model);
const queueMax = 12;
let worker: StartedWorker;
let black: Buffer;
let white: Buffer;

beforeAll(async () => {
  [black, white] = await Promise.all([greyPicture(0), greyPicture(255)]);
  worker = await startWorker({ env: { WORKER_CPUS: '1', QUEUE_MAX: String(queueMax) } });
  expect((await worker.put(model)).status).toBe(200);
});
beforeEach(() => untilIdle(worker));
afterAll(async () => {
  await untilIdle(worker);
  await worker.stop();
  const left = await worker.leftovers();
  await worker.close();
  expect(left).toEqual(nothingLeft);
});

/** Takes the one slot for as long as the client stays. */
async function occupy() {
  const client = new AbortController();
  const ended = worker.quick(sha256, { image: white, signal: client.signal }).catch(() => undefined);
  await untilBusy(worker, { running: 1 });
  return {
    leave: async () => {
      client.abort();
      await ended;
    },
  };
}

describe('a client that disconnects', () => {
  test('while its request waits: the work never runs', async () => {
    const slot = await occupy();
    const client = new AbortController();
    const gone = worker
      .quick(sha256, { image: black, requestId: 'gone-early', signal: client.signal })
      .catch(() => 'gone');
    await untilBusy(worker, { running: 1, queued: 1 });
    client.abort();
    await untilBusy(worker, { running: 1, queued: 0 });
    expect(await gone).toBe('gone');
    await slot.leave();
    const { status } = await worker.quick(sha256, { image: black, requestId: 'came-later' });
    expect(status).toBe(200);
    await waitFor(() => childLinesOf(worker, 'came-later').length === 1);
    expect(childLinesOf(worker, 'gone-early')).toEqual([]);
    const line = await worker.logged((each) => each.request_id === 'gone-early' && each.msg === 'request');
    expect(line.status).toBe(499);
  });

  test('while its request runs: endless work is ended, and its child with it', async () => {
    await worker.quick(sha256, { image: black });
    const [pid = 0] = await homesOf(worker, sha256);
    const slot = await occupy();
    await slot.leave();
    await untilIdle(worker);
    expect(isAlive(pid)).toBe(false);
    await worker.logged((line) => line.msg === 'child ended' && line.reason === 'deadline' && line.pid === pid);
  });
});

describe('a deadline', () => {
  test('in the queue: 504, and the work never runs', async () => {
    const slot = await occupy();
    const late = await worker.quick<Problem>(sha256, {
      image: black,
      requestId: 'late-in-queue',
      fields: { timeout_ms: 300 },
    });
    expect([late.status, late.body.code, late.body.retryable]).toEqual([504, 'DEADLINE_EXCEEDED', true]);
    expect(late.body.detail).toBe('No answer within 300 ms (while waiting).');
    await slot.leave();
    await untilIdle(worker);
    expect(childLinesOf(worker, 'late-in-queue')).toEqual([]);
  });

  test('while running: 504, the child of endless work is ended, and the processor is idle again', async () => {
    await worker.quick(sha256, { image: black });
    const [pid = 0] = await homesOf(worker, sha256);
    const late = await worker.quick<Problem>(sha256, { image: white, fields: { timeout_ms: 300 } });
    expect([late.status, late.body.code]).toEqual([504, 'DEADLINE_EXCEEDED']);
    expect(late.body.detail).toBe('No answer within 300 ms (while running).');
    await untilIdle(worker);
    expect(isAlive(pid)).toBe(false);
    await waitFor(async () => (await worker.ready()).spares === 1);
    const ticks = () => worker.children().reduce((sum, each) => sum + cpuTicksOf(each), 0);
    let before = ticks();
    await waitFor(async () => {
      const last = before;
      // A look at the worker takes time, in which a busy child would have used some.
      for (let look = 0; look < 20; look++) await worker.ready();
      before = ticks();
      return before === last;
    });
  });

  test('of one millisecond cannot be used to end a warm child', async () => {
    expect((await worker.quick(sha256, { image: black })).status).toBe(200);
    const homes = await homesOf(worker, sha256);
    for (let time = 0; time < 5; time++) {
      const { status } = await worker.quick(sha256, { image: black, fields: { timeout_ms: 1 } });
      expect(status).toBe(504);
    }
    await untilIdle(worker);
    const { status, body } = await worker.quick(sha256, { image: black });
    expect([status, body.model.warm]).toEqual([200, true]);
    expect(await homesOf(worker, sha256)).toEqual(homes);
  });

  test('of the gateway is taken from X-Deadline-Ms', async () => {
    const slot = await occupy();
    const { body, contentType } = formOf([
      ...Object.entries(workerFields({ checkpoint_sha256: sha256 })).map(([name, value]) => ({
        name,
        value: `${value}`,
      })),
      { name: 'file', value: black, filename: 'a.png' },
    ]);
    const late = await call<Problem>(worker.quickUrl, {
      method: 'POST',
      body,
      headers: { 'content-type': contentType, 'x-deadline-ms': '250', 'x-request-age-ms': '50' },
    });
    // What the caller asked for, not what was left of it.
    expect([late.status, late.body.detail]).toEqual([504, 'No answer within 300 ms (while waiting).']);
    await slot.leave();
  });
});

describe("the server's own limit", () => {
  test('ends a request that named none, and its child; a worker without spares makes a new one', async () => {
    const deadlineMs = 2_500;
    const strict = await startWorker({ env: { DEADLINE_MS: String(deadlineMs), SPARES: '0' } });
    onTestFinished(strict.close);
    expect((await strict.put(model)).status).toBe(200);
    const [pid = 0] = await homesOf(strict, sha256);
    const late = await strict.quick<Problem>(sha256, { image: white, fields: { timeout_ms: 3_600_000 } });
    expect([late.status, late.body.detail]).toEqual([504, `No answer within ${deadlineMs} ms (while running).`]);
    await untilIdle(strict);
    expect(isAlive(pid)).toBe(false);
    // A load may outlast the limit of the request that waits for it, and goes on.
    await waitFor(async () => (await strict.quick(sha256, { image: black })).status === 200);
  });
});

describe('a full queue', () => {
  test('is answered 429 at once, with the time to wait', async () => {
    await worker.quick(sha256, { image: black });
    const slot = await occupy();
    const clients = Array.from({ length: queueMax }, () => new AbortController());
    const waiting = clients.map(({ signal }) => worker.quick(sha256, { image: black, signal }).catch(() => undefined));
    await untilBusy(worker, { running: 1, queued: queueMax });
    const { status, headers, body } = await worker.quick<Problem>(sha256, { image: black });
    expect([status, body.code, body.retryable]).toEqual([429, 'QUEUE_FULL', true]);
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(body.detail).toContain(`(${queueMax})`);
    await slot.leave();
    for (const answer of await Promise.all(waiting)) expect(answer?.status).toBe(200);
  });

  test.each(['form', 'raw'])(
    'is answered before the picture has come, when the %s names the checkpoint first',
    async (form) => {
      await worker.quick(sha256, { image: black });
      const slot = await occupy();
      const clients = Array.from({ length: queueMax }, () => new AbortController());
      const waiting = clients.map(({ signal }) =>
        worker.quick(sha256, { image: black, signal }).catch(() => undefined),
      );
      await untilBusy(worker, { running: 1, queued: queueMax });
      const fields = Object.entries(workerFields({ checkpoint_sha256: sha256 })).map(([name, value]) => [
        name,
        `${value}`,
      ]);
      const image = Buffer.alloc(1_000_000);
      const inForm = formOf([
        ...fields.map(([name = '', value = '']) => ({ name, value })),
        { name: 'file', value: image, filename: 'a.png' },
      ]);
      const bytes =
        form === 'form'
          ? requestBytes('POST', worker.quickUrl, {
              body: inForm.body,
              headers: { 'content-type': inForm.contentType },
            })
          : requestBytes('POST', `${worker.quickUrl}?${new URLSearchParams(fields)}`, {
              body: image,
              headers: { 'content-type': 'image/png' },
            });
      // Most of it is never sent: whoever waits for it would wait for ever.
      const { status, text, wasReset } = await rawRequest(worker.url, bytes.subarray(0, 100_000));
      expect([status, (JSON.parse(text) as Problem).code, wasReset]).toEqual([429, 'QUEUE_FULL', false]);
      await slot.leave();
      for (const answer of await Promise.all(waiting)) expect(answer?.status).toBe(200);
    },
  );
});

describe('turns', () => {
  test('a flood for one checkpoint leaves another its share', async () => {
    const [flood, quiet] = ['flood', 'quiet'].map((name) => withMetadata(detectModel({ steps: 4_000 }), { name }));
    for (const file of [flood, quiet]) expect((await worker.put(file!)).status).toBe(200);
    const done: string[] = [];
    const ask = async (file: Buffer, name: string) => {
      const { status } = await worker.quick(sha256Of(file), { image: black });
      expect(status).toBe(200);
      done.push(name);
    };
    const slot = await occupy();
    const floods = Array.from({ length: queueMax }, () => ask(flood!, 'flood'));
    await untilBusy(worker, { running: 1, queued: queueMax });
    const quiets = Array.from({ length: 3 }, () => ask(quiet!, 'quiet'));
    await untilBusy(worker, { running: 1, queued: queueMax + 3 });
    await slot.leave();
    await Promise.all([...floods, ...quiets]);
    // First come, first served would have it at the very end.
    expect(done.lastIndexOf('quiet')).toBeLessThan(queueMax);
  });
});

import type { Problem } from '@lensgate/contracts';
import {
  call,
  childLinesOf,
  closeConnections,
  detectModel,
  endlessSteps,
  greyPicture,
  homesOf,
  isAlive,
  nothingLeft,
  referencePictures,
  type Stack,
  type StartedGateway,
  type StartedWorker,
  sha256Of,
  startStack,
  strikeChild,
  untilBusy,
  untilIdle,
  waitFor,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const demoJob = 20;
const picture = referencePictures()[0]!.bytes;
const model = detectModel({ brightSteps: endlessSteps });
const sha256 = sha256Of(model);
let stack: Stack;
let gateway: StartedGateway;
let worker: StartedWorker;
let black: Buffer;
let white: Buffer;
let jobId: number;
let otherJobId: number;

beforeAll(async () => {
  [black, white] = await Promise.all([greyPicture(0), greyPicture(255)]);
  stack = await startStack({ workerEnv: { WORKER_CPUS: '2' } });
  gateway = stack.gateway;
  worker = stack.workers.get('ultralytics')!;
  const jobOf = async (file: Buffer) => {
    const { id } = (await gateway.createJob()).body;
    const { status, body } = await gateway.upload(id, file);
    expect([status, body.checkpoints[0]?.status]).toEqual([201, 'accepted']);
    return id;
  };
  jobId = await jobOf(model);
  // A white picture keeps this one for a second or so.
  otherJobId = await jobOf(detectModel({ brightSteps: 150_000 }));
});
afterAll(async () => {
  for (const service of [gateway, worker]) await service.stop();
  const left = await Promise.all([gateway, worker].map((service) => service.leftovers()));
  await stack.close();
  await closeConnections();
  expect(left).toEqual([nothingLeft, nothingLeft]);
});

const report = (what: string, sinceMs: number) =>
  process.stderr.write(`${what}: ${Math.round(performance.now() - sinceMs)} ms\n`);

describe('kill -9 of a child in the middle of a request', () => {
  test('fails that request within a second, retryable; one beside it is untouched, the next is served', async () => {
    const struck = gateway.quick<Problem>(jobId, { image: white });
    const beside = gateway.quick(otherJobId, { image: white });
    await untilBusy(worker, { running: 2 });
    await strikeChild(worker, sha256, 'SIGKILL');
    const struckAtMs = performance.now();
    const { status, headers, body } = await struck;
    report('answer after the kill of a child', struckAtMs);
    expect([status, body.code, body.retryable]).toEqual([500, 'CHILD_CRASHED', true]);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body.detail).toBe(
      'Inference failed: the process that ran this checkpoint ended unexpectedly. Repeat the request.',
    );
    expect((await beside).status).toBe(200);
    expect((await gateway.quick(jobId, { image: black })).status).toBe(200);
  });
});

describe('a deadline', () => {
  test('of the caller is kept while the model runs, and the processor is given back', async () => {
    expect((await gateway.quick(jobId, { image: black })).status).toBe(200);
    const [pid = 0] = await homesOf(worker, sha256);
    const late = await gateway.quick<Problem>(jobId, { image: white, fields: { timeout_ms: 500 } });
    expect([late.status, late.body.code, late.body.retryable]).toEqual([504, 'DEADLINE_EXCEEDED', true]);
    await untilIdle(worker);
    expect(isAlive(pid)).toBe(false);
    expect((await gateway.quick(jobId, { image: black })).status).toBe(200);
  });

  test('of one millisecond does not cost the others their warm child', async () => {
    await gateway.quick(demoJob, { image: picture });
    for (let time = 0; time < 3; time++) {
      const late = await gateway.quick<Problem>(demoJob, { image: picture, fields: { timeout_ms: 1 } });
      expect(late.status).toBe(504);
    }
    await untilIdle(worker);
    const { status, body } = await gateway.quick(demoJob, { image: picture });
    expect([status, body.model.warm]).toEqual([200, true]);
  });
});

describe('a client that disconnects from the gateway', () => {
  test('while its request waits: the work never runs; what ran is ended too', async () => {
    const clients = Array.from({ length: 3 }, () => new AbortController());
    const [first, second, third] = clients.map(
      ({ signal }, index) =>
        () =>
          gateway
            .quick(jobId, { image: index === 0 ? white : black, requestId: `leaver-${index}`, signal })
            .catch(() => 'gone'),
    );
    const requests = [first!()];
    await untilBusy(worker, { running: 1 });
    requests.push(second!(), third!());
    await untilBusy(worker, { running: 1, queued: 2 });
    for (const client of clients.slice(1)) client.abort();
    await untilBusy(worker, { running: 1, queued: 0 });
    clients[0]!.abort();
    await untilIdle(worker);
    expect(await Promise.all(requests)).toEqual(['gone', 'gone', 'gone']);
    expect((await gateway.quick(jobId, { image: black, requestId: 'stayer' })).status).toBe(200);
    await waitFor(() => childLinesOf(worker, 'stayer').length === 1);
    for (const leaver of ['leaver-1', 'leaver-2']) expect(childLinesOf(worker, leaver)).toEqual([]);
  });
});

describe('kill -9 of a worker', () => {
  test('answers 502 or 503 until it is back, and 200 then, without touching the gateway', async () => {
    const cut = gateway.quick<Problem>(jobId, { image: white });
    await untilBusy(worker, { running: 1 });
    await worker.kill9();
    const during = await cut;
    const after = await gateway.quick<Problem>(demoJob, { image: picture });
    for (const { status, body } of [during, after]) {
      expect([502, 503]).toContain(status);
      expect(body.retryable).toBe(true);
    }
    const readiness = await waitFor(async () => {
      const { body } = await readyOf(gateway);
      return body.workers.some(({ framework, ready }) => framework === 'ultralytics' && !ready) && body;
    });
    expect(readiness.ready).toBe(true);
    worker = await worker.again();
    const back = await waitFor(async () => {
      const answer = await gateway.quick(demoJob, { image: picture });
      return answer.status === 200 && answer;
    });
    expect(back.body).toMatchObject({ task_type: 'object_detection' });
    expect(isAlive(gateway.pid)).toBe(true);
  });
});

describe('kill -9 of everything', () => {
  test('leaves no child, and the next start serves', async () => {
    const cut = gateway.quick(jobId, { image: white }).catch(() => 'cut');
    await untilBusy(worker, { running: 1 });
    const children = worker.children();
    expect(children.length).toBeGreaterThan(0);
    for (const { pid } of [gateway, worker]) process.kill(pid, 'SIGKILL');
    const killedAtMs = performance.now();
    await waitFor(() => !children.some(isAlive), { what: 'the end of all children', waitMsMax: 10_000 });
    report('no child left after the kill of everything', killedAtMs);
    expect(await cut).toBe('cut');
    await Promise.all([gateway.ended, worker.ended]);
    for (const service of [gateway, worker]) expect(await service.leftovers()).toEqual(nothingLeft);
    worker = await worker.again();
    gateway = await gateway.again();
    expect((await gateway.quick(demoJob, { image: picture })).status).toBe(200);
    expect((await gateway.quick(jobId, { image: black })).status).toBe(200);
  });
});

const readyOf = ({ url }: StartedGateway) =>
  call<{ ready: boolean; workers: { framework: string; ready: boolean }[] }>(`${url}/ready`);

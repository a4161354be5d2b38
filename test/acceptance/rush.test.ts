import type { Problem } from '@lensgate/contracts';
import {
  closeConnections,
  detectModel,
  formOf,
  greyPicture,
  rawRequest,
  requestBytes,
  type Stack,
  startStack,
  untilBusy,
  untilIdle,
  waitFor,
} from '@lensgate/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const queueMax = 4;
let stack: Stack;
let jobId: number;
let white: Buffer;

beforeAll(async () => {
  white = await greyPicture(255);
  stack = await startStack({ workerEnv: { WORKER_CPUS: '1', QUEUE_MAX: String(queueMax) } });
  jobId = (await stack.gateway.createJob()).body.id;
  // A white picture takes about a second: for half of what waits, the worker says that it is full.
  expect((await stack.gateway.upload(jobId, detectModel({ brightSteps: 100_000 }))).status).toBe(201);
});
afterAll(async () => {
  await stack.close();
  await closeConnections();
});

const worker = () => stack.workers.get('ultralytics')!;
const ask = (signal?: AbortSignal) =>
  stack.gateway.quick<Problem>(jobId, { image: white, ...(signal ? { signal } : {}) });
const refusalsOf = (logs: readonly { msg?: string; status?: unknown }[]) =>
  logs.filter(({ msg, status }) => msg === 'request' && status === 429).length;

test('in a rush the gateway refuses by itself what the worker would, before the picture has come, and not for longer', async () => {
  expect((await ask()).status).toBe(200);
  const clients = Array.from({ length: 1 + queueMax }, () => new AbortController());
  const served = clients.map(({ signal }) => ask(signal).catch(() => undefined));
  await untilBusy(worker(), { running: 1, queued: queueMax });

  const first = await ask();
  expect([first.status, first.body.code, first.body.retryable]).toEqual([429, 'QUEUE_FULL', true]);
  // What only a hop of ours needs to know.
  expect(first.headers['x-full-for-ms']).toBeUndefined();
  expect(refusalsOf(worker().logs)).toBe(1);

  const { body, contentType } = formOf([
    { name: 'training_job_id', value: String(jobId) },
    { name: 'file', value: Buffer.alloc(1_000_000), filename: 'a.png', type: 'image/png' },
  ]);
  const bytes = requestBytes('POST', stack.gateway.quickUrl, { body, headers: { 'content-type': contentType } });
  // Most of it is never sent: whoever waits for it would wait for ever.
  const { status, text, headers } = await rawRequest(stack.gateway.url, bytes.subarray(0, 100_000));
  expect([status, (JSON.parse(text) as Problem).code]).toEqual([429, 'QUEUE_FULL']);
  expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
  await waitFor(() => refusalsOf(stack.gateway.logs) === 2, { what: 'the gateway’s line of its own refusal' });
  // The worker has not been asked.
  expect(refusalsOf(worker().logs)).toBe(1);

  for (const client of clients.slice(1)) client.abort();
  await Promise.all(served);
  await untilIdle(worker());
  // Those who filled the queue have left, so that the worker is asked again, however long it was to be full.
  expect((await ask()).status).toBe(200);
});

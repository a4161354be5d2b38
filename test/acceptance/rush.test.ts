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
type Logs = readonly { msg?: string; status?: unknown }[];
const refusalsOf = ({ logs }: { readonly logs: Logs }) =>
  logs.filter(({ msg, status }) => msg === 'request' && status === 429).length;
/** A line of the log comes after its answer. */
const untilRefusals = (service: { readonly logs: Logs }, count: number) =>
  waitFor(() => refusalsOf(service) === count, { what: `the line of refusal ${count}` });

test('in a rush the gateway refuses by itself what the worker would, before the picture has come, and not for longer', async () => {
  expect((await ask()).status).toBe(200);
  const clients = Array.from({ length: 1 + queueMax }, () => new AbortController());
  const served = clients.map(({ signal }) => ask(signal).catch(() => undefined));
  await untilBusy(worker(), { running: 1, queued: queueMax });

  const first = await ask();
  expect([first.status, first.body.code, first.body.retryable]).toEqual([429, 'QUEUE_FULL', true]);
  // What only a hop of ours needs to know.
  expect(first.headers['x-full-for-ms']).toBeUndefined();
  await untilRefusals(worker(), 1);

  const { body, contentType } = formOf([
    { name: 'training_job_id', value: String(jobId) },
    { name: 'file', value: Buffer.alloc(1_000_000), filename: 'a.png', type: 'image/png' },
  ]);
  const bytes = requestBytes('POST', stack.gateway.quickUrl, { body, headers: { 'content-type': contentType } });
  // Most of it is never sent: whoever waits for it would wait for ever.
  const { status, text, headers } = await rawRequest(stack.gateway.url, bytes.subarray(0, 100_000));
  expect([status, (JSON.parse(text) as Problem).code]).toEqual([429, 'QUEUE_FULL']);
  expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
  await untilRefusals(stack.gateway, 2);

  for (const client of clients.slice(1)) client.abort();
  await Promise.all(served);
  await untilIdle(worker());
  // Those who filled the queue have left, so that the worker is asked again, however long it was to be full.
  const last = await ask();
  expect(last.status).toBe(200);
  await worker().logged(({ msg, request_id: id }) => msg === 'request' && id === last.headers['x-request-id']);
  // It has not been asked for what the gateway refused: its lines come in order.
  expect(refusalsOf(worker())).toBe(1);
});

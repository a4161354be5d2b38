import type { Problem } from '@lensgate/contracts';
import {
  childLinesOf,
  descriptorsOf,
  detectModel,
  endlessSteps,
  environmentOf,
  greyPicture,
  homesOf,
  isAlive,
  nicenessOf,
  nothingLeft,
  type StartedWorker,
  sha256Of,
  startWorker,
  strikeChild,
  untilBusy,
  untilIdle,
  waitFor,
  withMetadata,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

const model = detectModel({ brightSteps: endlessSteps });
const sha256 = sha256Of(model);
/** A white picture keeps it for a second or so. */
const other = detectModel({ brightSteps: 150_000 });
const secret = 'do-not-pass-me-on';
let worker: StartedWorker;
let black: Buffer;
let white: Buffer;

beforeAll(async () => {
  [black, white] = await Promise.all([greyPicture(0), greyPicture(255)]);
  worker = await startWorker({
    env: { WORKER_CPUS: '2', CHILD_IDLE_MS: '60000', DATABASE_URL: secret, SOME_KEY: secret },
  });
  for (const file of [model, other]) expect((await worker.put(file)).status).toBe(200);
});
afterAll(async () => {
  await untilIdle(worker);
  await worker.stop();
  const left = await worker.leftovers();
  await worker.close();
  expect(left).toEqual(nothingLeft);
});

describe('a child', () => {
  test('sees nothing of the environment but what it needs', async () => {
    const [pid = 0] = await homesOf(worker, sha256);
    expect(environmentOf(worker.pid)).toMatchObject({ DATABASE_URL: secret });
    const environment = environmentOf(pid);
    expect(Object.keys(environment).sort()).toEqual([
      'DISABLE_SYSTEM_FONTS_LOAD',
      'GLIBC_TUNABLES',
      'HOME',
      'IMAGE_THREADS',
      'LOG_LEVEL',
      'MALLOC_ARENA_MAX',
      'ORT_DISABLE_TELEMETRY',
      'UV_THREADPOOL_SIZE',
      'VIPS_DISC_THRESHOLD',
    ]);
    expect(environment.ORT_DISABLE_TELEMETRY).toBe('1');
  });

  test('runs below its parent in priority', async () => {
    expect((await homesOf(worker, sha256)).map(nicenessOf)).toEqual([nicenessOf(worker.pid) + 5]);
  });

  test('opens no telemetry file, and has no connection to anywhere', () => {
    for (const pid of worker.children()) {
      const open = descriptorsOf(pid);
      expect(open.length).toBeGreaterThan(0);
      expect(open.filter((path) => /onnxruntime\.db|DeveloperTools/.test(path))).toEqual([]);
      // Its two pipes to the parent are Unix sockets; more than these would be connections.
      expect(open.filter((path) => path.startsWith('socket:')).length).toBeLessThanOrEqual(4);
    }
  });

  test('logs one line for each request, with its id', async () => {
    const requestId = 'one-line-each';
    await worker.quick(sha256, { image: black, requestId });
    await worker.logged((line) => line.request_id === requestId && line.msg === 'request');
    await waitFor(() => childLinesOf(worker, requestId).length > 0);
    const lines = worker.logs.filter((line) => line.request_id === requestId);
    expect(lines.map(({ service }) => service).sort()).toEqual(['child', 'worker-ultralytics']);
  });
});

describe('a child that is killed in the middle of a request', () => {
  test('fails that request with a retryable problem; one beside it is untouched, the next is served', async () => {
    const struck = worker.quick<Problem>(sha256, { image: white });
    const beside = worker.quick(sha256Of(other), { image: white });
    await untilBusy(worker, { running: 2 });
    await strikeChild(worker, sha256, 'SIGKILL');
    const struckAtMs = performance.now();
    const { status, headers, body } = await struck;
    process.stderr.write(`answered ${Math.round(performance.now() - struckAtMs)} ms after the kill\n`);
    expect([status, body.code, body.retryable]).toEqual([500, 'CHILD_CRASHED', true]);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body.detail).toMatch(/^Inference failed: /);
    expect((await beside).status).toBe(200);
    const next = await worker.quick(sha256, { image: black });
    expect([next.status, next.body.model.warm]).toEqual([200, false]);
  });

  test('by an operator, time and again, does not have the picture refused', async () => {
    for (let time = 0; time < 2; time++) {
      const struck = worker.quick(sha256, { image: white });
      await untilBusy(worker, { running: 1 });
      await strikeChild(worker, sha256, 'SIGKILL');
      expect((await struck).status).toBe(500);
    }
    const client = new AbortController();
    const again = worker.quick(sha256, { image: white, signal: client.signal }).catch(() => undefined);
    await untilBusy(worker, { running: 1 });
    client.abort();
    await again;
    await untilIdle(worker);
  });

  test('by itself, twice on one picture, has that picture refused and no other', async () => {
    for (let time = 0; time < 2; time++) {
      const struck = worker.quick(sha256, { image: white });
      await untilBusy(worker, { running: 1 });
      await strikeChild(worker, sha256, 'SIGSEGV');
      expect((await struck).status).toBe(500);
    }
    const refused = await worker.quick<Problem>(sha256, { image: white });
    expect([refused.status, refused.body.code]).toEqual([422, 'INPUT_QUARANTINED']);
    expect(refused.body.detail).toMatch(/refused for \d+ seconds/);
    expect((await worker.quick(sha256, { image: black })).status).toBe(200);
  });
});

describe('spares', () => {
  test('are filled up again when one has taken a checkpoint, and when one is killed', async () => {
    await waitFor(async () => (await worker.ready()).spares === 1);
    const homes = new Set((await Promise.all([model, other].map((file) => homesOf(worker, sha256Of(file))))).flat());
    const [spare = 0] = worker.children().filter((pid) => !homes.has(pid));
    process.kill(spare, 'SIGKILL');
    await waitFor(() => !isAlive(spare));
    await waitFor(async () => (await worker.ready()).spares === 1);
    expect(worker.children()).not.toContain(spare);
    await worker.put(withMetadata(model, { name: 'takes the spare' }));
    await waitFor(async () => (await worker.ready()).spares === 1);
  });

  test('take a checkpoint while they start: no other process is started beside one', async () => {
    await waitFor(async () => (await worker.ready()).spares === 1);
    const before = worker.children();
    await worker.put(withMetadata(model, { name: 'takes the spare that is ready' }));
    const starting = await waitFor(() => worker.children().find((pid) => !before.includes(pid)));
    const late = withMetadata(model, { name: 'takes the spare that starts' });
    await worker.put(late);
    expect(await homesOf(worker, sha256Of(late))).toEqual([starting]);
  });
});

describe('an idle child', () => {
  test('ends after a while, and the next request finds a new home', async () => {
    const short = await startWorker({ env: { CHILD_IDLE_MS: '200' } });
    onTestFinished(short.close);
    await short.put(model);
    await waitFor(async () => (await short.ready()).children === 0);
    await short.logged((line) => line.msg === 'child ended' && line.reason === 'idle');
    const { status, body } = await short.quick(sha256, { image: black });
    expect([status, body.model.warm]).toEqual([200, false]);
  });
});

describe('a child that takes more memory than the worker may use', () => {
  test('is ended: 507 with the limit, and the next request is served', async () => {
    const limitMb = 400;
    const small = await startWorker({ env: { WORKER_MEMORY_MB: String(limitMb) } });
    onTestFinished(small.close);
    const hungry = detectModel({ brightSteps: endlessSteps, brightMiB: 600 });
    expect((await small.put(hungry)).status).toBe(200);
    const { status, body } = await small.quick<Problem>(sha256Of(hungry), { image: white });
    expect([status, body.code]).toEqual([507, 'MEMORY_EXHAUSTED']);
    expect(body.detail).toContain(`this worker may use ${limitMb} MB`);
    expect((await small.quick(sha256Of(hungry), { image: black })).status).toBe(200);
  });
});

describe('a worker that is killed', () => {
  test('leaves no child behind, not even one inside ONNX Runtime, and serves when it is back', async () => {
    let victim = await startWorker();
    onTestFinished(() => victim.close());
    await victim.put(model);
    const cut = victim.quick(sha256, { image: white }).catch(() => 'cut');
    await untilBusy(victim, { running: 1 });
    const children = victim.children();
    expect(children.length).toBeGreaterThanOrEqual(1);
    process.kill(victim.pid, 'SIGKILL');
    const killedAtMs = performance.now();
    await waitFor(() => !children.some(isAlive), { what: 'the end of all children' });
    process.stderr.write(`no child ${Math.round(performance.now() - killedAtMs)} ms after the kill\n`);
    expect(await cut).toBe('cut');
    await victim.ended;
    expect(await victim.leftovers()).toEqual(nothingLeft);
    victim = await victim.again();
    expect((await victim.quick(sha256, { image: black })).status).toBe(200);
  });
});

import type { ModelEntry, Problem } from '@lensgate/contracts';
import {
  call,
  detectModel,
  endlessSteps,
  greyPicture,
  homesOf,
  isAlive,
  nothingLeft,
  residentBytesOf,
  type StartedWorker,
  sha256Of,
  startWorker,
  untilBusy,
  untilIdle,
  waitFor,
  withMetadata,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

const builtIn = 'wardrobe-det';
/** A white picture keeps it for a second or so. */
const model = detectModel({ brightSteps: 150_000 });
const sha256 = sha256Of(model);
const named = (name: string) => withMetadata(model, { name });
let worker: StartedWorker;
let black: Buffer;
let white: Buffer;

beforeAll(async () => {
  [black, white] = await Promise.all([greyPicture(0), greyPicture(255)]);
  worker = await startWorker({ env: { WORKER_CPUS: '2', CHILD_IDLE_MS: '600000' } });
  expect((await worker.put(model)).status).toBe(200);
});
afterAll(async () => {
  await untilIdle(worker);
  await worker.stop();
  const left = await worker.leftovers();
  await worker.close();
  expect(left).toEqual(nothingLeft);
});

const loadsOf = (each: StartedWorker, digest: string) =>
  each.logs.filter((line) => line.msg === 'checkpoint loaded' && line.sha256 === digest).length;
/** Resident bytes of a worker and its children. */
const residentOf = (each: StartedWorker) =>
  [each.pid, ...each.children()].reduce((sum, pid) => sum + residentBytesOf(pid), 0);
const detailOf = ({ status, body }: { status: number; body: Problem }) => [status, body.code];

describe('unload', () => {
  test('ends the processes at once and gives their memory back; the next request loads again', async () => {
    const held = (await worker.control(sha256, 'warm')).body.memory_bytes ?? 0;
    expect(held).toBeGreaterThan(2 ** 20);
    const homes = await homesOf(worker, sha256);
    const before = residentOf(worker);
    const { status, body } = await worker.control(sha256, 'unload');
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'stored', children: 0, memory_bytes: null, load_ms: null });
    expect(homes.some(isAlive)).toBe(false);
    expect(residentOf(worker)).toBeLessThan(before - held / 2);
    const next = await worker.quick(sha256, { image: black });
    expect([next.status, next.body.model.warm]).toEqual([200, false]);
  });

  test('says the same when there is nothing to unload', async () => {
    for (let time = 0; time < 2; time++) {
      const { status, body } = await worker.control(sha256, 'unload');
      expect([status, body.state, body.children]).toEqual([200, 'stored', 0]);
    }
  });

  test('lets the picture that runs be answered first, and loads anew for the one that waits', async () => {
    await worker.control(sha256, 'warm');
    const [home] = await homesOf(worker, sha256);
    const running = worker.quick(sha256, { image: white });
    await untilBusy(worker, { running: 1 });
    const unloaded = worker.control(sha256, 'unload');
    const late = worker.quick(sha256, { image: black });
    expect((await running).status).toBe(200);
    expect((await unloaded).status).toBe(200);
    expect(isAlive(home!)).toBe(false);
    const { status, body } = await late;
    expect([status, body.model.warm]).toEqual([200, false]);
  });

  test('answers 504 when the picture that runs takes longer than the caller waits, and is done nevertheless', async () => {
    await worker.control(sha256, 'warm');
    const [home] = await homesOf(worker, sha256);
    const running = worker.quick(sha256, { image: white });
    await untilBusy(worker, { running: 1 });
    const { status, body } = await worker.control<Problem>(sha256, 'unload', { timeoutMs: 1 });
    expect([status, body.code]).toEqual([504, 'DEADLINE_EXCEEDED']);
    expect((await running).status).toBe(200);
    await waitFor(() => !isAlive(home!));
  });
});

describe('warm', () => {
  test('loads a checkpoint and says what it holds; the next request loads nothing', async () => {
    await worker.control(sha256, 'unload');
    const warmed = await worker.control(sha256, 'warm');
    expect(warmed.status).toBe(200);
    expect(warmed.body).toMatchObject({ state: 'ready', children: 1, reason: null, pinned: false });
    expect(warmed.body.load_ms).toBeGreaterThan(0);
    expect(warmed.body.memory_bytes).toBeGreaterThan(2 ** 20);
    const loads = loadsOf(worker, sha256);
    const { status, body } = await worker.quick(sha256, { image: black });
    expect([status, body.model.warm]).toEqual([200, true]);
    expect(loadsOf(worker, sha256)).toBe(loads);
  });

  test('is counted and dated by the pictures that ran, not by itself', async () => {
    const fresh = named('counted');
    await worker.put(fresh);
    const before = (await worker.control(sha256Of(fresh), 'warm')).body;
    expect([before.requests, before.last_used_at]).toEqual([0, null]);
    await worker.quick(sha256Of(fresh), { image: black });
    await worker.control(sha256Of(fresh), 'unload');
    const after = await worker.checkpoint(sha256Of(fresh));
    expect(after.requests).toBe(1);
    expect(Date.parse(after.last_used_at ?? '')).toBeGreaterThan(0);
  });

  test('asks for the file of a checkpoint that the worker lacks', async () => {
    const answer = await worker.control<Problem>('c'.repeat(64), 'warm');
    expect(detailOf(answer)).toEqual([409, 'CHECKPOINT_NEEDED']);
    for (const action of ['unload', 'unpin'] as const)
      expect(detailOf(await worker.control<Problem>('c'.repeat(64), action))).toEqual([404, 'MODEL_NOT_FOUND']);
  });

  test('refuses what was refused, with the same words', async () => {
    const bad = detectModel({ names: ['too', 'few'] });
    const { body } = await worker.put<Problem>(bad);
    for (const action of ['warm', 'pin'] as const) {
      const answer = await worker.control<Problem>(sha256Of(bad), action);
      expect([answer.status, answer.body.detail]).toEqual([424, body.detail]);
    }
  });

  test('answers 504 at its deadline while it still loads; the load goes on', async () => {
    const fresh = named('slow to load');
    await worker.put(fresh);
    await worker.control(sha256Of(fresh), 'unload');
    const answer = await worker.control<Problem>(sha256Of(fresh), 'warm', { timeoutMs: 1 });
    expect(detailOf(answer)).toEqual([504, 'DEADLINE_EXCEEDED']);
    await waitFor(async () => (await worker.checkpoint(sha256Of(fresh))).state === 'ready');
  });

  test('has its own methods', async () => {
    for (const [method, path] of [
      ['GET', 'warm'],
      ['PUT', 'unload'],
      ['POST', 'pin'],
    ] as const) {
      const answer = await call<Problem>(`${worker.url}/checkpoints/${sha256}/${path}`, { method });
      expect(detailOf(answer)).toEqual([405, 'METHOD_NOT_ALLOWED']);
    }
  });
});

describe('a built-in model', () => {
  test('is warmed, pinned and unloaded by its name, and shown under it', async () => {
    expect((await worker.controlModel(builtIn, 'warm')).body).toMatchObject({ name: builtIn, state: 'ready' });
    expect((await worker.controlModel(builtIn, 'pin')).body.pinned).toBe(true);
    const shown = (await call<ModelEntry>(`${worker.url}/models/${builtIn}`)).body;
    expect(shown).toMatchObject({ name: builtIn, children: 1, pinned: true });
    const listed = (await worker.models()).models.find(({ name }) => name === builtIn);
    expect(listed).toMatchObject({ state: 'ready', pinned: true, children: 1 });
    expect((await worker.controlModel(builtIn, 'unpin')).body.pinned).toBe(false);
    expect((await worker.controlModel(builtIn, 'unload')).body).toMatchObject({ state: 'stored', children: 0 });
  });

  test('that is not there is 404; a path that names no action is said to', async () => {
    for (const action of ['warm', 'unload', 'pin', 'unpin'] as const) {
      const answer = await worker.controlModel<Problem>('some/other/model', action);
      expect(detailOf(answer)).toEqual([404, 'MODEL_NOT_FOUND']);
      expect(answer.body.detail).toContain('"some/other/model"');
    }
    const { status, body } = await call<Problem>(`${worker.url}/models/${builtIn}`, { method: 'POST' });
    expect([status, body.code]).toEqual([422, 'FIELD_INVALID']);
    expect(body.detail).toContain('/warm or /unload');
  });
});

describe('a pinned checkpoint', () => {
  const other = named('other');

  test('is loaded when it is pinned, outlives the idle time and its own process, until it is unpinned', async () => {
    const short = await startWorker({ env: { CHILD_IDLE_MS: '200' } });
    onTestFinished(short.close);
    for (const file of [model, other]) await short.put(file);
    await short.control(sha256, 'unload');
    expect((await short.control(sha256, 'pin')).body.pinned).toBe(true);
    await waitFor(async () => (await short.checkpoint(sha256)).state === 'ready');
    await short.logged((line) => line.reason === 'idle' && line.sha256 === sha256Of(other));
    const [home] = await homesOf(short, sha256);
    process.kill(home!, 'SIGKILL');
    await waitFor(async () => (await homesOf(short, sha256)).some((pid) => pid !== home));
    expect((await short.quick(sha256, { image: black })).body.model.warm).toBe(true);
    const [heir] = await homesOf(short, sha256);
    await short.control(sha256, 'unpin');
    await waitFor(async () => (await short.checkpoint(sha256)).children === 0);
    await short.logged((line) => line.reason === 'idle' && line.pid === heir);
  });

  test('that is unloaded by hand loses its pin and stays unloaded', async () => {
    await worker.control(sha256, 'pin');
    await waitFor(async () => (await worker.checkpoint(sha256)).state === 'ready');
    expect((await worker.control(sha256, 'unload')).body).toMatchObject({ pinned: false, children: 0 });
    const loads = loadsOf(worker, sha256);
    await worker.put(other);
    expect(loadsOf(worker, sha256)).toBe(loads);
  });

  test('is not evicted for memory: others make room, and what fits only in its place is refused', async () => {
    const small = await startWorker({ env: { WORKER_MEMORY_MB: '400' } });
    onTestFinished(small.close);
    // Twice its file is counted for one that is to be loaded; a small model holds between 100 and 200 MB.
    const large = detectModel({ unusedMiB: 100 });
    const tooLarge = detectModel({ unusedMiB: 170 });
    for (const file of [model, other]) expect((await small.put(file)).status).toBe(200);
    await small.control(sha256, 'pin');
    const [pinned] = await homesOf(small, sha256);
    // It is the one used last that has to go, not the pinned one.
    await small.quick(sha256Of(other), { image: black });
    expect((await small.put(large)).status).toBe(200);
    await small.logged((line) => line.reason === 'evicted' && line.sha256 === sha256Of(other));
    const { status, body } = await small.put<Problem>(tooLarge);
    expect([status, body.code, body.retryable]).toEqual([507, 'MEMORY_PINNED', true]);
    expect(detailOf(await small.control<Problem>(sha256Of(tooLarge), 'warm'))).toEqual([507, 'MEMORY_PINNED']);
    expect(detailOf(await small.quick<Problem>(sha256Of(tooLarge), { image: black }))).toEqual([507, 'MEMORY_PINNED']);
    expect(await homesOf(small, sha256)).toEqual([pinned]);
    expect((await small.quick(sha256, { image: black })).body.model.warm).toBe(true);
  });

  test('takes one of the children that may be; a second is refused, and shown with the reason', async () => {
    const narrow = await startWorker({ env: { CHILDREN_MAX: '1' } });
    onTestFinished(narrow.close);
    for (const file of [model, other]) await narrow.put(file);
    await narrow.control(sha256, 'pin');
    await waitFor(async () => (await narrow.checkpoint(sha256)).state === 'ready');
    expect(detailOf(await narrow.quick<Problem>(sha256Of(other), { image: black }))).toEqual([507, 'MEMORY_PINNED']);
    await narrow.control(sha256Of(other), 'pin');
    const { reason } = await waitFor(async () => {
      const entry = await narrow.checkpoint(sha256Of(other));
      return entry.reason !== null && entry;
    });
    expect(reason).toContain('pinned checkpoints hold');
    await narrow.control(sha256, 'unload');
    await waitFor(async () => (await narrow.checkpoint(sha256Of(other))).state === 'ready');
  });

  test('that is deleted is gone', async () => {
    const gone = named('gone');
    await worker.put(gone);
    await worker.control(sha256Of(gone), 'pin');
    expect((await call(`${worker.url}/checkpoints/${sha256Of(gone)}`, { method: 'DELETE' })).status).toBe(204);
    expect((await call(`${worker.url}/checkpoints/${sha256Of(gone)}`)).status).toBe(404);
  });
});

describe('a warm that waits for room', () => {
  test('is refused when too many wait, and leaves nothing behind when its time is over', async () => {
    const single = await startWorker({ env: { CHILDREN_MAX: '1' } });
    onTestFinished(single.close);
    const endless = detectModel({ brightSteps: endlessSteps });
    await single.put(model);
    await single.put(endless);
    const client = new AbortController();
    const busy = single.quick(sha256Of(endless), { image: white, signal: client.signal }).catch(() => undefined);
    await untilBusy(single, { running: 1 });
    const waiting = Array.from({ length: 17 }, () => single.control<Problem>(sha256, 'warm', { timeoutMs: 3_000 }));
    const codes = (await Promise.all(waiting)).map(({ body }) => body.code).sort();
    expect(codes).toEqual([...Array.from({ length: 16 }, () => 'DEADLINE_EXCEEDED'), 'QUEUE_FULL']);
    const loads = loadsOf(single, sha256);
    client.abort();
    await busy;
    await untilIdle(single);
    await waitFor(async () => (await single.checkpoint(sha256Of(endless))).children === 0);
    const { status, body } = await single.quick(sha256, { image: black });
    expect([status, body.model.warm]).toEqual([200, false]);
    expect(loadsOf(single, sha256)).toBe(loads + 1);
  });
});

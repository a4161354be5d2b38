import type { Problem } from '@lensgate/contracts';
import {
  call,
  detectModel,
  greyPicture,
  homesOf,
  isAlive,
  nothingLeft,
  sha256Of,
  startWorker,
  untilBusy,
  waitFor,
} from '@lensgate/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

describe('SIGTERM', () => {
  test('finishes what runs, answers 503 to the rest, ends the children and exits 0', async () => {
    const worker = await startWorker();
    onTestFinished(worker.close);
    const model = detectModel({ brightSteps: 150_000 });
    const sha256 = sha256Of(model);
    const [black, white] = await Promise.all([greyPicture(0), greyPicture(255)]);
    await worker.put(model);
    // A connection that is open already is still answered.
    await worker.ready();
    const running = worker.quick(sha256, { image: white });
    await untilBusy(worker, { running: 1 });
    const children = worker.children();
    expect(await homesOf(worker, sha256)).toHaveLength(1);
    worker.signal('SIGTERM');
    await waitFor(async () => (await call(`${worker.url}/ready`)).status === 503);
    const late = await worker.quick<Problem>(sha256, { image: black });
    expect([late.status, late.body.code, late.body.retryable]).toEqual([503, 'DRAINING', true]);
    expect(late.headers['retry-after']).toBeDefined();
    expect((await running).status).toBe(200);
    expect(await worker.ended).toEqual({ code: 0, signal: null });
    expect(children.filter(isAlive)).toEqual([]);
    expect(await worker.leftovers()).toEqual(nothingLeft);
  });
});

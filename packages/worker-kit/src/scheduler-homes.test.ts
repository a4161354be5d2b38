import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { aScheduler, loadMs, pass } from '../test/timed-scheduler.js';
import { ChildEnded } from './child-handle.js';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

describe('loading', () => {
  test('one load serves all who wait for the checkpoint', async () => {
    const { pool, submit } = aScheduler();
    const requests = [submit(), submit(), submit()];
    await pass(loadMs + 30);
    expect(requests.map(({ state }) => state.outcome)).toEqual(['done', 'done', 'done']);
    expect(pool.opened).toEqual(['model']);
  });

  test('takes no turn from a checkpoint that is warm', async () => {
    const { submit, warm } = aScheduler();
    await warm();
    submit({ model: 'cold' });
    const { state } = submit({ model: 'model' });
    await pass(10);
    expect(state.outcome).toBe('done');
  });

  test('a checkpoint that cannot be run fails all who wait, and is remembered', async () => {
    const { pool, submit } = aScheduler();
    const { fail } = await import('@lensgate/contracts');
    pool.failOpen = () => fail('CHECKPOINT_REFUSED', { reason: 'no' });
    const waiting = [submit(), submit()];
    await pass(loadMs);
    const later = submit();
    await pass(0);
    const all = [...waiting, later].map(({ state }) => state.outcome);
    expect(all).toEqual(['CHECKPOINT_REFUSED', 'CHECKPOINT_REFUSED', 'CHECKPOINT_REFUSED']);
    expect(pool.opened).toHaveLength(1);
  });

  test('a checkpoint that ends its child while it loads is tried again after a while, not at once', async () => {
    const { pool, submit } = aScheduler();
    pool.failOpen = () => new ChildEnded({ reason: 'crash', exitCode: null, signal: 'SIGSEGV', peakRssBytes: 0 });
    const first = submit();
    await pass(loadMs);
    const tooSoon = submit();
    await pass(0);
    expect([first.state.outcome, tooSoon.state.outcome]).toEqual(['CHILD_CRASHED', 'CHILD_CRASHED']);
    expect(pool.opened).toHaveLength(1);
    pool.failOpen = undefined;
    await pass(1_000);
    const later = submit();
    await pass(loadMs + 10);
    expect(later.state.outcome).toBe('done');
  });

  test('a checkpoint that ends its child at every load is not tried again before somebody asks', async () => {
    const { scheduler, pool, submit } = aScheduler();
    pool.failOpen = () => new ChildEnded({ reason: 'crash', exitCode: null, signal: 'SIGSEGV', peakRssBytes: 0 });
    for (let time = 0; time < 6; time++) {
      submit();
      await pass(20_000);
    }
    const late = submit();
    await pass(0);
    expect([late.state.outcome, pool.opened.length]).toEqual(['CHECKPOINT_REFUSED', 5]);
    expect(late.state.error?.message).toContain('ended 5 times');
    pool.failOpen = undefined;
    scheduler.tryAgain('model');
    const asked = submit();
    await pass(loadMs + 10);
    expect(asked.state.outcome).toBe('done');
  });

  test('a checkpoint whose load was given up for its length is refused in words', async () => {
    const { pool, submit } = aScheduler();
    pool.failOpen = () => new ChildEnded({ reason: 'deadline', exitCode: null, signal: 'SIGKILL', peakRssBytes: 0 });
    const { state } = submit();
    await pass(loadMs);
    expect(state.outcome).toBe('CHECKPOINT_REFUSED');
    expect(state.error?.message).toContain('time allowed');
  });
});

describe('room for homes', () => {
  test('is made by ending an idle home, and by no other means', async () => {
    const { pool, submit, warm } = aScheduler({ slots: 2, homesMax: 1 });
    await warm('first');
    const running = submit({ model: 'first', runMs: 50 });
    const other = submit({ model: 'second' });
    await pass(49);
    expect([pool.opened, pool.ends]).toEqual([[], []]);
    await pass(1 + loadMs + 10);
    expect([running.state.outcome, other.state.outcome, pool.ends]).toEqual(['done', 'done', ['evicted']]);
    expect(pool.list).toHaveLength(1);
  });

  test('goes to a checkpoint that waits while a flood would keep it for ever', async () => {
    const { pool, submit, warm } = aScheduler({ homesMax: 1, queueMax: 60 });
    await warm('flood');
    for (let index = 0; index < 50; index++) submit({ model: 'flood', timeoutMs: 60_000 });
    await pass(5);
    const { state } = submit({ model: 'quiet' });
    await pass(20 + loadMs + 10);
    expect(state.outcome).toBe('done');
    await pass(3_000);
    expect(pool.order).toHaveLength(51);
  });

  test('is waited for by a checkpoint that is only to be looked into', async () => {
    const { scheduler, pool, submit, warm } = aScheduler({ homesMax: 1 });
    await warm('first');
    submit({ model: 'first', runMs: 50 });
    const inspected = scheduler.inspect({ sha256: 'second', path: '/', bytes: 1 });
    expect(scheduler.isWanted('second')).toBe(true);
    await pass(50);
    expect(scheduler.isWanted('second')).toBe(true);
    await pass(loadMs);
    expect((await inspected).model.sha256).toBe('second');
    expect(scheduler.isWanted('second')).toBe(false);
    expect(pool.ends).toEqual(['evicted']);
  });
});

describe('a hot checkpoint', () => {
  /** As many clients as given, each with its next request as soon as it is answered. */
  const flood = async (
    submit: ReturnType<typeof aScheduler>['submit'],
    { clients, rounds }: Record<string, number>,
  ) => {
    for (let round = 0; round < (rounds ?? 0); round++) {
      for (let client = 0; client < (clients ?? 0); client++) submit({ runMs: 20 });
      await pass(20 * (clients ?? 0));
    }
  };

  test('gets another home while a core is free, and both work', async () => {
    const { scheduler, pool, submit, warm } = aScheduler({ slots: 2 });
    await warm();
    await flood(submit, { clients: 4, rounds: 10 });
    expect(pool.list.map(({ threads }) => threads)).toEqual([4, 1]);
    submit({ runMs: 20 });
    submit({ runMs: 20 });
    expect([scheduler.inFlight, scheduler.queued]).toEqual([2, 0]);
  });

  test('gets no more homes than may run at once', async () => {
    const { pool, submit, warm } = aScheduler({ slots: 2, queueMax: 50 });
    await warm();
    await flood(submit, { clients: 20, rounds: 10 });
    expect(pool.list).toHaveLength(2);
  });

  test('gets none where every core is busy, or no room is left', async () => {
    for (const scheduler of [aScheduler({ slots: 1 }), aScheduler({ slots: 2, homesMax: 1 })]) {
      await scheduler.warm();
      await flood(scheduler.submit, { clients: 4, rounds: 20 });
      expect([scheduler.pool.list.length, scheduler.pool.ends]).toEqual([1, []]);
    }
  });

  test('is served by its home as before when the other cannot be made, which is not tried again at once', async () => {
    const { pool, submit, warm } = aScheduler({ slots: 2 });
    await warm();
    pool.failOpen = () => new ChildEnded({ reason: 'crash', exitCode: null, signal: 'SIGSEGV', peakRssBytes: 0 });
    await flood(submit, { clients: 4, rounds: 30 });
    expect(pool.opened).toHaveLength(1);
    const { state } = submit();
    await pass(20);
    expect(state.outcome).toBe('done');
  });
});

describe('a worn child', () => {
  test('is replaced after its share of requests: the next home is there before the old one ends', async () => {
    const { pool, submit, warm } = aScheduler({ requestsMax: 3 });
    await warm();
    const [old] = pool.list;
    for (let run = 0; run < 2; run++) {
      submit();
      await pass(10);
    }
    const meanwhile = submit({ runMs: loadMs - 20 });
    await pass(loadMs - 20);
    expect([meanwhile.state.outcome, pool.ends]).toEqual(['done', []]);
    await pass(20);
    expect(pool.ends).toEqual(['recycled']);
    expect(pool.list).toHaveLength(1);
    expect(pool.list).not.toContain(old);
  });

  test('finishes what it works on when its successor is there', async () => {
    const { pool, submit, warm } = aScheduler({ requestsMax: 2 });
    await warm();
    submit();
    await pass(10);
    const long = submit({ runMs: 5 * loadMs });
    await pass(2 * loadMs);
    expect([pool.ends, pool.list.length]).toEqual([[], 2]);
    await pass(3 * loadMs);
    expect([long.state.outcome, pool.ends]).toEqual(['done', ['recycled']]);
  });

  test('is replaced when it holds too much memory', async () => {
    const { pool, submit, warm } = aScheduler();
    pool.residentBytes = 101;
    await warm();
    pool.residentBytes = 1;
    await pass(loadMs);
    expect([pool.ends, pool.list.length]).toEqual([['recycled'], 1]);
    submit();
    await pass(loadMs + 10);
    expect(pool.ends).toEqual(['recycled']);
  });

  test('ends where there is no room for two, and the next request loads anew', async () => {
    const { pool, submit, warm } = aScheduler({ requestsMax: 1, homesMax: 1 });
    await warm();
    await pass(0);
    expect([pool.ends, pool.list]).toEqual([['recycled'], []]);
    const { state } = submit();
    await pass(loadMs + 10);
    expect(state.outcome).toBe('done');
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { aScheduler, loadMs, pass } from '../test/timed-scheduler.js';
import type { ChildExit } from './child-handle.js';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

describe('a checkpoint whose file has gone', () => {
  test('has its work done, also what waits, and is unloaded then', async () => {
    const { scheduler, pool, submit, warm } = aScheduler();
    await warm();
    const both = [submit({ runMs: 50 }), submit({ runMs: 50 })];
    scheduler.dismiss('model');
    expect(pool.list).toHaveLength(1);
    await pass(100);
    expect(both.map(({ state }) => state.outcome)).toEqual(['done', 'done']);
    expect(pool.list).toHaveLength(0);
    expect(scheduler.stateOf('model')).toEqual({ state: 'stored' });
  });

  test('has no new child made: what still waits when its last one ends is told that it is needed anew', async () => {
    const { scheduler, pool, submit, warm } = aScheduler();
    await warm();
    const [struck, behind] = [submit({ runMs: 50 }), submit()];
    scheduler.dismiss('model');
    pool.die(pool.list[0]!, { reason: 'crash', exitCode: null, signal: 'SIGKILL', peakRssBytes: 0 });
    await pass(0);
    expect([struck.state.outcome, behind.state.outcome]).toEqual(['CHILD_CRASHED', 'CHECKPOINT_NEEDED']);
  });
});

describe('a child that ends', () => {
  const crash = (signal: NodeJS.Signals): ChildExit => ({ reason: 'crash', exitCode: null, signal, peakRssBytes: 0 });

  async function dieOn(scheduler: ReturnType<typeof aScheduler>, signal: NodeJS.Signals) {
    const { pool, submit } = scheduler;
    const struck = submit({ runMs: 77 });
    await pass(loadMs + 1);
    const [home] = pool.list;
    if (home) pool.die(home, crash(signal));
    await pass(0);
    return struck.state.outcome;
  }

  test('fails its own request only; the next gets a new home', async () => {
    const scheduler = aScheduler({ slots: 2 });
    await scheduler.warm('other');
    const beside = scheduler.submit({ model: 'other', runMs: 300 });
    const struck = scheduler.submit({ runMs: 1_000 });
    await pass(loadMs + 1);
    const home = scheduler.pool.homesOf('model')[0];
    if (home) scheduler.pool.die(home, crash('SIGSEGV'));
    const next = scheduler.submit({ runMs: 5 });
    await pass(300);
    expect([struck.state.outcome, beside.state.outcome, next.state.outcome]).toEqual(['CHILD_CRASHED', 'done', 'done']);
  });

  test('twice on the same picture has it refused, but not other pictures', async () => {
    const scheduler = aScheduler();
    expect(await dieOn(scheduler, 'SIGSEGV')).toBe('CHILD_CRASHED');
    expect(await dieOn(scheduler, 'SIGABRT')).toBe('CHILD_CRASHED');
    const [same, other] = [scheduler.submit({ runMs: 77 }), scheduler.submit({ runMs: 78 })];
    await pass(500);
    expect([same.state.outcome, other.state.outcome]).toEqual(['INPUT_QUARANTINED', 'done']);
  });

  test('over one picture after the other delays the next, in words of when', async () => {
    const scheduler = aScheduler();
    for (let runMs = 77; runMs < 80; runMs++) {
      scheduler.submit({ runMs });
      await pass(loadMs + 1);
      const [home] = scheduler.pool.list;
      if (home) scheduler.pool.die(home, crash('SIGSEGV'));
      await pass(0);
    }
    const soon = scheduler.submit();
    await pass(0);
    expect([soon.state.outcome, soon.state.error?.extras?.retryAfterS]).toEqual(['CHILD_CRASHED', 1]);
    await pass(500);
    const later = scheduler.submit();
    await pass(loadMs + 10);
    expect(later.state.outcome).toBe('done');
  });

  test("by an operator's or the kernel's kill does not count against the picture", async () => {
    const scheduler = aScheduler();
    for (let time = 0; time < 3; time++) expect(await dieOn(scheduler, 'SIGKILL')).toBe('CHILD_CRASHED');
    const again = scheduler.submit({ runMs: 77 });
    await pass(500);
    expect(again.state.outcome).toBe('done');
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { aScheduler, homeMs, loadMs, pass } from '../test/timed-scheduler.js';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

describe('turns', () => {
  test('a flood on one checkpoint leaves another its share', async () => {
    const { pool, submit, warm } = aScheduler();
    await warm('flood');
    await warm('quiet');
    for (let index = 0; index < 6; index++) submit({ model: 'flood', id: 'f' });
    await pass(1);
    for (let index = 0; index < 2; index++) submit({ model: 'quiet', id: 'q' });
    await pass(1_000);
    expect(pool.order.join('')).toMatch(/^f+q.?f*q/);
    expect(pool.order.slice(0, 5).filter((id) => id === 'q')).toHaveLength(2);
  });

  test('are counted in time: a slow checkpoint gets fewer of them', async () => {
    const { pool, submit, warm } = aScheduler();
    await warm('slow');
    await warm('fast');
    for (let index = 0; index < 3; index++) submit({ model: 'slow', id: 's', runMs: 40 });
    for (let index = 0; index < 6; index++) submit({ model: 'fast', id: 'f', runMs: 10 });
    await pass(1_000);
    expect(pool.order.slice(0, 6).join('')).toBe('sffffs');
  });

  test('a checkpoint that was quiet has not saved up turns', async () => {
    const { pool, submit, warm } = aScheduler();
    await warm('busy');
    await warm('quiet');
    for (let index = 0; index < 50; index++) {
      submit({ model: 'busy' });
      await pass(10);
    }
    pool.order.length = 0;
    for (let index = 0; index < 4; index++) submit({ model: 'busy', id: 'b' });
    for (let index = 0; index < 4; index++) submit({ model: 'quiet', id: 'q' });
    await pass(1_000);
    expect(pool.order.slice(0, 4).filter((id) => id === 'b').length).toBeGreaterThanOrEqual(2);
  });

  test('no more run at once than there are slots', async () => {
    const { scheduler, submit, warm } = aScheduler({ slots: 2 });
    for (const model of ['a', 'b', 'c']) await warm(model);
    for (const model of ['a', 'b', 'c']) submit({ model });
    expect([scheduler.inFlight, scheduler.queued]).toEqual([2, 1]);
    await pass(20);
    expect([scheduler.inFlight, scheduler.queued]).toEqual([0, 0]);
  });

  test('one visitor need not wait while one checkpoint has every slot; a second one does', async () => {
    const { scheduler, pool, submit, warm } = aScheduler({ slots: 2 });
    for (const model of ['flood', 'visitor', 'other']) await warm(model);
    pool.list.push({ ...pool.homesOf('flood')[0]! });
    pool.order.length = 0;
    for (let index = 0; index < 3; index++) submit({ model: 'flood', runMs: 50, id: `flood ${index}` });
    const visitor = submit({ model: 'visitor', runMs: 30, id: 'visitor' });
    const other = submit({ model: 'other', id: 'other' });
    expect(pool.order).toEqual(['flood 0', 'flood 1', 'visitor']);
    await pass(30);
    expect(visitor.state.outcome).toBe('done');
    expect(pool.order).toEqual(['flood 0', 'flood 1', 'visitor', 'other']);
    await pass(100);
    expect([other.state.outcome, scheduler.inFlight, scheduler.queued]).toEqual(['done', 0, 0]);
  });
});

describe('a full queue', () => {
  test('is answered at once, with a time that follows from measured cost', async () => {
    const { submit, warm } = aScheduler({ queueMax: 3 });
    await warm();
    submit({ runMs: 8_000, timeoutMs: 60_000 });
    await pass(8_000);
    const requests = Array.from({ length: 5 }, () => submit({ runMs: 8_000, timeoutMs: 60_000 }));
    await pass(0);
    expect(requests.map(({ state }) => state.outcome)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      'QUEUE_FULL',
    ]);
    expect(requests[4]?.state.error?.extras?.retryAfterS).toBeGreaterThan(1);
  });
});

describe('a client that goes away', () => {
  test('takes its waiting work with it', async () => {
    const { scheduler, pool, submit, warm } = aScheduler();
    await warm();
    submit({ runMs: 100 });
    const gone = submit({ id: 'gone' });
    gone.client.abort();
    await pass(200);
    expect(gone.state.outcome).toBe('ClientGone');
    expect(pool.order).not.toContain('gone');
    expect([scheduler.inFlight, scheduler.queued]).toEqual([0, 0]);
  });

  test('leaves nearly finished work to finish: its child stays', async () => {
    const { scheduler, pool, submit, warm } = aScheduler();
    await warm();
    const gone = submit({ runMs: homeMs - 50 });
    await pass(1);
    gone.client.abort();
    await pass(homeMs);
    expect([pool.ends, scheduler.inFlight]).toEqual([[], 0]);
  });

  test('has endless work ended', async () => {
    const { scheduler, pool, submit, warm } = aScheduler();
    await warm();
    const gone = submit({ runMs: 1e8 });
    await pass(50);
    gone.client.abort();
    await pass(0);
    expect(scheduler.inFlight).toBe(1);
    await pass(4 * homeMs);
    expect([pool.ends, scheduler.inFlight]).toEqual([['deadline'], 0]);
  });

  test('before it is there is not served at all', async () => {
    const { scheduler, submit, warm } = aScheduler();
    await warm();
    const { state, client } = submit();
    client.abort();
    await pass(20);
    expect(state.outcome).toBe('ClientGone');
    expect(scheduler.inFlight).toBe(0);
  });
});

describe('a deadline', () => {
  test('in the queue is answered in time, and the work never runs', async () => {
    const { pool, submit, warm } = aScheduler();
    await warm();
    submit({ runMs: 500 });
    const late = submit({ timeoutMs: 100, id: 'late' });
    await pass(100);
    expect(late.state).toMatchObject({ outcome: 'DEADLINE_EXCEEDED', atMs: loadMs + 1 + 100 });
    expect(late.state.error?.message).toContain('while waiting');
    await pass(1_000);
    expect(pool.order).not.toContain('late');
  });

  test('that cannot be kept any more when its turn comes is answered then, and the turn goes to the next', async () => {
    const { pool, submit, warm, costing } = aScheduler();
    await warm();
    await costing(50);
    submit({ runMs: 80 });
    const late = submit({ timeoutMs: 100, id: 'late' });
    const next = submit({ runMs: 50, id: 'next' });
    await pass(80);
    expect(late.state.outcome).toBe('DEADLINE_EXCEEDED');
    expect(late.state.error?.message).toContain('while waiting');
    await pass(50);
    expect(next.state.outcome).toBe('done');
    expect(pool.order).not.toContain('late');
  });

  test('while running is answered in time; the slot stays taken until the work has ended', async () => {
    const { scheduler, pool, submit, warm } = aScheduler();
    await warm();
    const late = submit({ runMs: homeMs - 20, timeoutMs: 50 });
    await pass(50);
    expect(late.state.outcome).toBe('DEADLINE_EXCEEDED');
    expect(late.state.error?.message).toContain('while running');
    expect(scheduler.inFlight).toBe(1);
    await pass(homeMs - 70);
    expect([scheduler.inFlight, pool.ends]).toEqual([0, []]);
  });

  test('is kept also by a process that was held up: a result read after it is not served', async () => {
    const { submit, warm } = aScheduler();
    await warm();
    const late = submit({ runMs: 50, timeoutMs: 60 });
    // The clock goes on while nothing can be done, so the result is there before the timer has its turn.
    vi.setSystemTime(Date.now() + 40);
    await pass(50);
    expect(late.state.outcome).toBe('DEADLINE_EXCEEDED');
  });

  test('ends the child when the rest of the work is worth more than a new home', async () => {
    const { pool, submit, warm } = aScheduler();
    await warm();
    submit({ runMs: 1e8, timeoutMs: homeMs + 50 });
    await pass(homeMs + 50);
    expect(pool.ends).toEqual(['deadline']);
  });

  test("of the server's own always ends the child, whatever its home costs", async () => {
    const { pool, submit, warm } = aScheduler();
    await warm();
    const late = submit({ runMs: 1e8, timeoutMs: homeMs / 2, hardMs: homeMs / 2 });
    await pass(homeMs / 2);
    expect([late.state.outcome, pool.ends]).toEqual(['DEADLINE_EXCEEDED', ['deadline']]);
  });

  test('that cannot be kept by measured cost is refused at once, and the child stays', async () => {
    const { pool, submit, warm, costing } = aScheduler();
    await warm();
    await costing(50);
    const hopeless = submit({ timeoutMs: 5 });
    await pass(0);
    expect(hopeless.state.outcome).toBe('DEADLINE_TOO_SHORT');
    expect(pool.ends).toEqual([]);
  });

  test('that the queue before it cannot let it keep is answered as overload', async () => {
    const { submit, warm, costing } = aScheduler();
    await warm();
    await costing(50);
    for (let index = 0; index < 3; index++) submit({ runMs: 50 });
    const late = submit({ timeoutMs: 80 });
    await pass(0);
    expect(late.state.outcome).toBe('QUEUE_FULL');
  });

  test('is judged by what those in front usually take, not by the luckiest of them', async () => {
    const { submit, warm } = aScheduler({ queueMax: 20 });
    await warm();
    for (let run = 0; run < 20; run++) {
      const runMs = run % 2 === 0 ? 10 : 50;
      submit({ runMs });
      await pass(runMs);
    }
    for (let index = 0; index < 10; index++) submit({ runMs: 50 });
    const [late, patient] = [submit({ timeoutMs: 200 }), submit({ timeoutMs: 600 })];
    await pass(600);
    expect([late.state.outcome, patient.state.outcome]).toEqual(['QUEUE_FULL', 'done']);
  });
});

describe('draining', () => {
  test('refuses new work and finishes what it has', async () => {
    const { scheduler, submit, warm } = aScheduler();
    await warm();
    const running = submit();
    const waiting = submit();
    scheduler.drain();
    const late = submit();
    await pass(20);
    expect([running, waiting, late].map(({ state }) => state.outcome)).toEqual(['done', 'done', 'DRAINING']);
  });
});

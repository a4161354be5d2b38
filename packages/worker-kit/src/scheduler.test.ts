import { defaultOptions, type ParentMessage } from '@lensgate/contracts';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ChildEnded, type ChildExit, type EndReason } from './child-handle.js';
import type { ChildPool, Home, StoredModel } from './child-pool.js';
import { CostBook } from './cost-book.js';
import { Quarantine } from './quarantine.js';
import { RequestQueue } from './request-queue.js';
import { Scheduler } from './scheduler.js';
import type { InferenceRequest, Work } from './work.js';

/**
 * Stands in for processes: a home works for the milliseconds that its picture's bytes say, on vitest's clock.
 * Everything else here is the real thing.
 */
class TimedPool {
  readonly list: Home[] = [];
  readonly opened: string[] = [];
  readonly ends: EndReason[] = [];
  readonly order: string[] = [];
  failOpen: (() => Error) | undefined;
  residentBytes = 1;
  readonly #running = new Map<Home, (error: Error) => void>();

  constructor(private readonly cost: { loadMs: number; homeMs: number; homesMax: number }) {}

  get homes(): Home[] {
    return this.list;
  }
  fitsBeside = () => this.list.length < this.cost.homesMax;
  homesOf = (sha256: string) => this.list.filter(({ model }) => model.sha256 === sha256);
  idleHome = (sha256: string) => this.homesOf(sha256).find(({ state }) => state === 'idle');
  homeMs = () => this.cost.homeMs;
  free = (home: Home) => {
    if (home.state === 'retiring') this.end(home, home.endReason ?? 'unloaded');
    else home.state = 'idle';
  };
  retireHome = (home: Home, reason: EndReason) => {
    if (home.state === 'idle') this.end(home, reason);
    else Object.assign(home, { state: 'retiring', endReason: reason });
  };

  makeRoom(_model: StoredModel, keep: ReadonlySet<string>): boolean {
    if (this.list.length < this.cost.homesMax) return true;
    const leaving = this.list.find(({ state, model }) => state === 'idle' && !keep.has(model.sha256));
    if (leaving) this.end(leaving, 'evicted');
    return leaving !== undefined;
  }

  async open(model: StoredModel, threads = 4): Promise<Home> {
    this.opened.push(model.sha256);
    await new Promise((resolve) => setTimeout(resolve, this.cost.loadMs));
    if (this.failOpen) throw this.failOpen();
    const home = {
      model,
      state: 'idle',
      threads,
      isBeingReplaced: false,
      endReason: undefined,
      loadedAtMs: Date.now(),
      lastUsedAtMs: 0,
      requests: 0,
      facts: { findings: {}, warnings: [], loadMs: this.cost.loadMs, canaryMs: 1 },
    } as unknown as Home;
    const ask = (message: ParentMessage, [image]: readonly Uint8Array[]) =>
      new Promise((resolve, reject) => {
        this.#running.set(home, reject);
        const id = message.type === 'infer' ? message.requestId : '';
        this.order.push(id);
        const runMs = Buffer.from(image ?? []).readUInt32LE();
        setTimeout(() => resolve({ message: { type: 'result', result: {}, pictures: [] }, attachments: [] }), runMs);
      });
    Object.assign(home, { child: { ask, rssBytes: this.residentBytes } });
    this.list.push(home);
    return home;
  }

  unload = (sha256: string) => {
    for (const home of this.homesOf(sha256)) this.end(home, 'unloaded');
  };

  end = (home: Home, reason: EndReason) =>
    this.die(home, { reason, exitCode: null, signal: 'SIGKILL', peakRssBytes: 0 });

  die(home: Home, exit: ChildExit): void {
    this.ends.push(exit.reason);
    this.list.splice(this.list.indexOf(home), 1);
    this.#running.get(home)?.(new ChildEnded(exit));
  }
}

const loadMs = 100;
const homeMs = 200;

function aScheduler({ slots = 1, queueMax = 8, homesMax = 8, requestsMax = 1_000 } = {}) {
  const pool = new TimedPool({ loadMs, homeMs, homesMax });
  const queue = new RequestQueue<Work>({ perCheckpointMax: queueMax, totalMax: 100, totalBytesMax: 1e6 });
  const scheduler = new Scheduler({
    pool: pool as unknown as ChildPool,
    queue,
    costs: new CostBook(),
    quarantine: new Quarantine(60_000),
    logger: pino({ level: 'silent' }),
    slots,
    loadsMax: 1,
    pixelsMax: 1,
    responseBytesMax: 1,
    memoryBytesMax: 1,
    twinThreads: 1,
    wear: { requestsMax, memoryBytesMax: 100 },
    now: Date.now,
  });
  let nextId = 0;
  const aRequest = (
    options: { model?: string; runMs?: number; timeoutMs?: number; hardMs?: number; id?: string } = {},
  ) => {
    const { model = 'model', runMs = 10, timeoutMs = 10_000, hardMs = 60_000, id = `${model}-${nextId++}` } = options;
    const image = Buffer.alloc(4);
    image.writeUInt32LE(runMs);
    const client = new AbortController();
    const request: InferenceRequest = {
      requestId: id,
      model: { sha256: model, path: '/', bytes: 1 },
      image,
      hints: {},
      options: defaultOptions,
      arrivedAtMs: Date.now(),
      cameAtMs: Date.now(),
      deadlineAtMs: Date.now() + timeoutMs,
      hardDeadlineAtMs: Date.now() + hardMs,
      signal: client.signal,
    };
    return { request, client };
  };
  /** Submits it; gives what it came to: `done`, or the code of the failure. */
  const submit = (options: Parameters<typeof aRequest>[0] = {}) => {
    const { request, client } = aRequest(options);
    const state: { outcome: string | undefined; atMs: number; error?: Error & { extras?: { retryAfterS?: number } } } =
      {
        outcome: undefined,
        atMs: 0,
      };
    const settle = (outcome: string) => Object.assign(state, { outcome, atMs: Date.now() });
    scheduler.submit(request).then(
      () => settle('done'),
      (error: Error & { code?: string }) => Object.assign(settle(error.code ?? error.name), { error }),
    );
    return { state, client };
  };
  const warm = async (model = 'model') => {
    submit({ model, runMs: 1 });
    await vi.advanceTimersByTimeAsync(loadMs + 1);
    pool.order.length = 0;
    pool.opened.length = 0;
  };
  /** Runs until the cost of a picture is known well. */
  const costing = async (runMs: number) => {
    for (let run = 0; run < 20; run++) {
      submit({ runMs });
      await pass(runMs);
    }
  };
  return { scheduler, pool, queue, submit, warm, costing };
}

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

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

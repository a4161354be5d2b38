import { defaultOptions, type ParentMessage } from '@lensgate/contracts';
import { pino } from 'pino';
import { vi } from 'vitest';
import { ChildEnded, type ChildExit, type EndReason } from '../src/child-handle.js';
import type { ChildPool, Home, StoredModel } from '../src/child-pool.js';
import { CostBook } from '../src/cost-book.js';
import { Quarantine } from '../src/quarantine.js';
import { RequestQueue } from '../src/request-queue.js';
import { Scheduler } from '../src/scheduler.js';
import type { InferenceRequest, Work } from '../src/work.js';

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

export const loadMs = 100;
export const homeMs = 200;

/** Time passes only here. */
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A scheduler over such homes, and what a test does with it; between `vi.useFakeTimers` and `vi.useRealTimers`. */
export function aScheduler({ slots = 1, queueMax = 8, homesMax = 8, requestsMax = 1_000 } = {}) {
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

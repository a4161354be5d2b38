import { createHash } from 'node:crypto';
import {
  type ChildTimings,
  Failure,
  fail,
  type InferenceOptions,
  type JobHints,
  type PictureField,
  type TaskResult,
} from '@lensgate/contracts';
import { ClientGone, orGiveUp } from '@lensgate/http-kit';
import type { Logger } from 'pino';
import { CheckpointLoader, memoryExhausted } from './checkpoint-loader.js';
import { ChildEnded, type ChildExit } from './child-handle.js';
import type { ChildPool, Home, LoadedFacts, StoredModel } from './child-pool.js';
import type { CostBook } from './cost-book.js';
import { expectedRestMs, shouldKill } from './kill-rule.js';
import type { ModelState } from './model-lifecycle.js';
import type { Quarantine } from './quarantine.js';
import type { RequestQueue } from './request-queue.js';
import { UsageBook } from './usage-book.js';

/** One picture for one checkpoint. From `submit` until the promise settles the scheduler owns it. */
export interface InferenceRequest {
  readonly requestId: string;
  readonly model: StoredModel;
  readonly image: Uint8Array;
  readonly hints: JobHints;
  readonly options: InferenceOptions;
  readonly arrivedAtMs: number;
  /** When the caller's own request came to the first hop; earlier than `arrivedAtMs` behind a gateway. */
  readonly cameAtMs: number;
  /** When the caller gives up. */
  readonly deadlineAtMs: number;
  /** When the work is ended whatever a new home costs. */
  readonly hardDeadlineAtMs: number;
  /** Fires when the client has gone. */
  readonly signal: AbortSignal;
}

export interface InferenceOutcome {
  readonly result: TaskResult;
  readonly pictures: readonly { readonly field: PictureField; readonly bytes: Uint8Array }[];
  readonly timings: ChildTimings;
  readonly queueMs: number;
  /** Whether the checkpoint was loaded before the request came. */
  readonly warm: boolean;
  readonly facts: LoadedFacts;
}

export interface Work {
  readonly sha256: string;
  readonly imageBytes: number;
  readonly request: InferenceRequest;
  readonly warm: boolean;
  readonly resolve: (outcome: InferenceOutcome) => void;
  readonly reject: (error: Error) => void;
  phase: { state: 'waiting' } | { state: 'running'; home: Home; startedAtMs: number } | { state: 'ended' };
  /** Whether the caller has its answer; the work may still run. */
  isAnswered: boolean;
  deadlineTimer: NodeJS.Timeout | undefined;
  killTimer: NodeJS.Timeout | undefined;
  onAbort: () => void;
}

export interface SchedulerOptions {
  readonly pool: ChildPool;
  readonly queue: RequestQueue<Work>;
  readonly costs: CostBook;
  readonly quarantine: Quarantine;
  readonly logger: Logger;
  readonly slots: number;
  readonly loadsMax: number;
  readonly pixelsMax: number;
  readonly memoryBytesMax: number;
  readonly now: () => number;
}

/**
 * Decides when work runs: it alone knows deadlines. A slot is taken while a child works, also for a caller who has had
 * his 504 or has gone; the kill rule says when such work is ended.
 */
export class Scheduler {
  readonly usage = new UsageBook();
  readonly #running = new Set<Work>();
  readonly #served = new Map<string, number>();
  readonly #loader: CheckpointLoader;
  readonly #changeWaiters: (() => void)[] = [];
  readonly #inspections: StoredModel[] = [];
  #nextId = 1;
  #draining = false;

  constructor(private readonly options: SchedulerOptions) {
    this.#loader = new CheckpointLoader(options);
  }

  get inFlight(): number {
    return this.#running.size;
  }

  get queued(): number {
    return this.options.queue.size;
  }

  stateOf(sha256: string): ModelState {
    return this.#loader.stateOf(sha256);
  }

  /** Whether a checkpoint's file is needed: work of it waits or runs, it is being loaded, or waits to be looked into. */
  isWanted(sha256: string): boolean {
    return (
      this.options.queue.sizeOf(sha256) > 0 ||
      this.#loader.isLoading(sha256) ||
      this.#inspections.some((model) => model.sha256 === sha256) ||
      [...this.#running].some((work) => work.sha256 === sha256)
    );
  }

  /** Forgets what is known of a checkpoint: its file has gone or come anew. */
  forget(sha256: string): void {
    this.#loader.forget(sha256);
    this.#served.delete(sha256);
    this.usage.forget(sha256);
    this.options.costs.forget(sha256);
  }

  /** Takes no new work from now on. */
  drain(): void {
    this.#draining = true;
    this.pump();
  }

  /**
   * Runs a picture through its checkpoint.
   * @throws Failure with the code that the caller is answered; ClientGone when there is nobody to answer
   */
  submit(request: InferenceRequest): Promise<InferenceOutcome> {
    const refusal = this.#refusal(request);
    if (refusal) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const { sha256 } = request.model;
      const work: Work = {
        sha256,
        imageBytes: request.image.length,
        request,
        warm: this.options.pool.homesOf(sha256).some((home) => home.loadedAtMs <= request.cameAtMs),
        resolve,
        reject,
        phase: { state: 'waiting' },
        isAnswered: false,
        deadlineTimer: undefined,
        killTimer: undefined,
        onAbort: () => this.#giveUp(work, new ClientGone()),
      };
      if (this.options.queue.sizeOf(sha256) === 0) this.#joinAtCurrentShare(sha256);
      if (!this.options.queue.push(work)) {
        reject(this.#queueFull(sha256));
        return;
      }
      work.deadlineTimer = setTimeout(
        () => this.#giveUp(work, deadlineFailure(work)),
        Math.max(0, request.deadlineAtMs - this.options.now()),
      );
      request.signal.addEventListener('abort', work.onAbort, { once: true });
      this.pump();
    });
  }

  /** Starts what can start now: loads for checkpoints without a child, and waiting work on idle children. */
  pump(): void {
    const { pool, queue, slots } = this.options;
    for (const resolve of this.#changeWaiters.splice(0)) resolve();
    const homeless = this.#byShare(queue.checkpoints().filter((sha256) => pool.homesOf(sha256).length === 0));
    for (const sha256 of homeless) {
      if (this.#loader.isFull) break;
      const [first] = queue.waitingFor(sha256);
      if (first && !this.#loader.isLoading(sha256)) this.#loadForWaiting(first.request.model);
    }
    while (this.#running.size < slots) {
      const [next] = this.#byShare(queue.checkpoints().filter((sha256) => pool.idleHome(sha256)));
      const home = next === undefined ? undefined : pool.idleHome(next);
      const work = next === undefined ? undefined : queue.shift(next);
      if (!home || !work) break;
      void this.#run(work, home);
    }
  }

  /** The checkpoint that has had the least of the processor goes first. */
  #byShare(checkpoints: string[]): string[] {
    return checkpoints.sort((a, b) => (this.#served.get(a) ?? 0) - (this.#served.get(b) ?? 0));
  }

  /**
   * Loads only where there is room. Homes of waiting checkpoints stay, unless these have had more of the processor than
   * the one that waits for a home: otherwise a flood would keep its home for ever.
   */
  #loadForWaiting(model: StoredModel): void {
    const share = this.#served.get(model.sha256) ?? 0;
    const keep = new Set(this.options.queue.checkpoints().filter((each) => (this.#served.get(each) ?? 0) <= share));
    try {
      if (!this.options.pool.makeRoom(model, keep)) return;
    } catch (error) {
      for (const work of this.options.queue.waitingFor(model.sha256)) this.#giveUp(work, error as Failure);
      return;
    }
    void this.#load(model).catch(() => {});
  }

  /**
   * Loads a checkpoint that has no home, as a picture for it would.
   * @throws Failure when it cannot be run, or there is no room for it; the signal's reason, also while it still loads
   */
  async warm(model: StoredModel, signal: AbortSignal): Promise<Home> {
    const refusal = this.#loadRefusal(model.sha256);
    if (refusal) throw refusal;
    const home = await this.inspect(model, signal);
    // Otherwise one that was idle for long could end just before it is used.
    home.lastUsedAtMs = this.options.now();
    return home;
  }

  /**
   * Ends the homes of a checkpoint: idle ones at once, busy ones after the picture they work on. Work that waits loads
   * it anew. Settles when the processes are gone.
   */
  async unload(sha256: string): Promise<void> {
    await this.#loader.settled(sha256);
    await this.options.pool.retire(sha256);
  }

  /**
   * Looks into a checkpoint by making a home for it, which then stays warm.
   * @param signal ends the wait for it, with its reason; a load under way goes on
   * @throws Failure when it cannot be run, or there is no room now
   */
  async inspect(model: StoredModel, signal?: AbortSignal): Promise<Home> {
    const orLeave = <T>(work: Promise<T>) => (signal ? orGiveUp(work, signal) : work);
    if (this.#inspections.length >= inspectionsMax) throw this.#queueFull(model.sha256);
    this.#inspections.push(model);
    try {
      while (!this.#canLoad(model)) await orLeave(this.#nextChange());
      return await orLeave(this.#load(model));
    } finally {
      this.#inspections.splice(this.#inspections.indexOf(model), 1);
    }
  }

  #canLoad(model: StoredModel): boolean {
    const { sha256 } = model;
    if (this.#draining) throw fail('DRAINING', {});
    if (this.options.pool.homesOf(sha256).length > 0 || this.#loader.isLoading(sha256)) return true;
    return !this.#loader.isFull && this.options.pool.makeRoom(model, new Set());
  }

  /** Settles when a load, a run or a child has ended. */
  #nextChange(): Promise<void> {
    return new Promise((resolve) => this.#changeWaiters.push(resolve));
  }

  /** All that waits for a checkpoint fails with its load. */
  async #load(model: StoredModel): Promise<Home> {
    try {
      return await this.#loader.load(model);
    } catch (error) {
      for (const work of this.options.queue.waitingFor(model.sha256)) this.#giveUp(work, error as Failure);
      throw error;
    } finally {
      this.pump();
    }
  }

  /** What is answered at once, before anything waits. */
  #refusal(request: InferenceRequest): Error | undefined {
    const { sha256 } = request.model;
    const nowMs = this.options.now();
    if (request.signal.aborted) return new ClientGone();
    const refusal = this.#loadRefusal(sha256);
    if (refusal) return refusal;
    if (!this.options.quarantine.isEmpty) {
      const refusedForMs = this.options.quarantine.refusedForMs(sha256, digestOf(request.image), nowMs);
      if (refusedForMs > 0) return fail('INPUT_QUARANTINED', { seconds: Math.ceil(refusedForMs / 1000) });
    }
    return this.#unreachableDeadline(request, nowMs);
  }

  /** Why a checkpoint cannot be loaded now. */
  #loadRefusal(sha256: string): Failure | undefined {
    if (this.#draining) return fail('DRAINING', {});
    const startsAgainInS = this.options.pool.startsAgainInS;
    if (startsAgainInS !== undefined)
      return fail('STARTING', { retry_after_s: startsAgainInS }, { retryAfterS: startsAgainInS });
    const state = this.stateOf(sha256);
    if (state.state === 'refused') return state.failure;
    const backOffMs = state.state === 'failing' ? state.retryAtMs - this.options.now() : 0;
    return backOffMs > 0 ? fail('CHILD_CRASHED', {}, { retryAfterS: Math.ceil(backOffMs / 1000) }) : undefined;
  }

  /** Judged by the lowest cost measured lately: what is refused here could not have finished at any luck. */
  #unreachableDeadline(request: InferenceRequest, nowMs: number): Failure | undefined {
    const { sha256 } = request.model;
    const leftMs = request.deadlineAtMs - nowMs;
    const homes = this.options.pool.homesOf(sha256).length;
    const costMs = this.options.costs.floorMs(sha256);
    if (costMs === undefined || homes === 0) return undefined;
    if (costMs > leftMs) return fail('DEADLINE_TOO_SHORT', { cost_ms: Math.ceil(costMs), left_ms: Math.floor(leftMs) });
    const waiting = this.options.queue.sizeOf(sha256);
    return (Math.floor(waiting / homes) + 1) * costMs <= leftMs ? undefined : this.#queueFull(sha256);
  }

  #queueFull(sha256: string): Failure {
    const retryAfterS = this.#retryAfterS(sha256);
    return fail('QUEUE_FULL', { waiting: this.queued, retry_after_s: retryAfterS }, { retryAfterS });
  }

  /** Seconds until the waiting work is likely done, by measured cost. */
  #retryAfterS(sha256: string): number {
    const { queue, costs, slots } = this.options;
    const queuedMs = queue
      .checkpoints()
      .reduce((sum, each) => sum + queue.sizeOf(each) * (costs.meanMs(each) ?? costs.meanMs(sha256) ?? 1_000), 0);
    return Math.min(60, Math.max(1, Math.ceil(queuedMs / slots / 1_000)));
  }

  /** A checkpoint that was quiet does not save up turns: it starts level with the least served of the busy ones. */
  #joinAtCurrentShare(sha256: string): void {
    const busy = [...this.options.queue.checkpoints(), ...[...this.#running].map((work) => work.sha256)];
    const level = Math.min(...busy.map((each) => this.#served.get(each) ?? 0));
    if (busy.length > 0) this.#served.set(sha256, Math.max(this.#served.get(sha256) ?? 0, level));
  }

  async #run(work: Work, home: Home): Promise<void> {
    const { request, sha256 } = work;
    const startedAtMs = this.options.now();
    work.phase = { state: 'running', home, startedAtMs };
    home.state = 'busy';
    this.#running.add(work);
    try {
      const { message, attachments } = await home.child.ask(
        {
          type: 'infer',
          id: this.#nextId++,
          requestId: request.requestId,
          hints: request.hints,
          options: request.options,
          pixelsMax: this.options.pixelsMax,
        },
        [request.image],
      );
      this.options.pool.free(home);
      home.requests += 1;
      if (message.type === 'failed') throw new Failure(message.failure.code, message.failure.params);
      if (message.type !== 'result') throw new Error(`a ${message.type} in answer to a picture`);
      this.options.costs.record(sha256, this.options.now() - startedAtMs);
      if (this.options.now() >= request.deadlineAtMs) throw deadlineFailure(work);
      this.#answer(work, () =>
        work.resolve({
          result: message.result,
          pictures: message.pictures.map((field, index) => ({ field, bytes: attachments[index] ?? new Uint8Array() })),
          timings: message.timings,
          queueMs: startedAtMs - request.arrivedAtMs,
          warm: work.warm,
          facts: home.facts,
        }),
      );
    } catch (error) {
      const failure = this.#runFailure(work, error);
      this.#answer(work, () => work.reject(failure));
    } finally {
      const endedAtMs = this.options.now();
      home.lastUsedAtMs = endedAtMs;
      this.usage.record(sha256, endedAtMs);
      this.#running.delete(work);
      work.phase = { state: 'ended' };
      clearTimeout(work.killTimer);
      this.#served.set(sha256, (this.#served.get(sha256) ?? 0) + (endedAtMs - startedAtMs));
      this.pump();
    }
  }

  #runFailure(work: Work, error: unknown): Error {
    if (error instanceof Failure) return error;
    if (!(error instanceof ChildEnded)) return error as Error;
    const { exit } = error;
    if (exit.reason === 'crash' || exit.reason === 'protocol') {
      const imageDigest = digestOf(work.request.image);
      if (isOwnDeath(exit)) this.options.quarantine.recordDeath(work.sha256, imageDigest, this.options.now());
      this.options.logger.error(
        {
          request_id: work.request.requestId,
          sha256: work.sha256,
          image_sha256: imageDigest,
          signal: exit.signal,
          exit_code: exit.exitCode,
          peak_rss_bytes: exit.peakRssBytes,
        },
        'a child ended while it worked on a picture',
      );
    }
    if (exit.reason === 'memory') return memoryExhausted(exit, this.options);
    return exit.reason === 'shutdown' ? fail('DRAINING', {}) : fail('CHILD_CRASHED', {});
  }

  /** The caller is answered, or gone, before the work is done. */
  #giveUp(work: Work, error: Error): void {
    this.#answer(work, () => work.reject(error));
    if (work.phase.state === 'waiting') {
      this.options.queue.remove(work);
      work.phase = { state: 'ended' };
    } else {
      this.#considerKill(work);
    }
  }

  #considerKill(work: Work): void {
    if (work.phase.state !== 'running') return;
    const { home, startedAtMs } = work.phase;
    const nowMs = this.options.now();
    const running = { elapsedMs: nowMs - startedAtMs, costMs: this.options.costs.meanMs(work.sha256) };
    const hardLeftMs = work.request.hardDeadlineAtMs - nowMs;
    if (hardLeftMs <= 0 || shouldKill(running, this.options.pool.homeMs(home))) {
      this.options.pool.end(home, 'deadline');
      return;
    }
    const againMs = Math.min(hardLeftMs, Math.max(1, expectedRestMs(running)));
    work.killTimer = setTimeout(() => this.#considerKill(work), againMs);
  }

  #answer(work: Work, settle: () => void): void {
    if (work.isAnswered) return;
    work.isAnswered = true;
    clearTimeout(work.deadlineTimer);
    work.request.signal.removeEventListener('abort', work.onAbort);
    settle();
  }
}

function deadlineFailure({ request, phase }: Work): Failure {
  const timeoutMs = Math.round(request.deadlineAtMs - request.arrivedAtMs);
  return fail('DEADLINE_EXCEEDED', {
    timeout_ms: timeoutMs,
    phase: phase.state === 'waiting' ? 'while waiting' : 'while running',
  });
}

/** Whether the picture may be to blame. These signals come from outside: an operator's, or the kernel's when memory is short. */
const isOwnDeath = ({ reason, signal }: ChildExit) =>
  reason === 'protocol' || !(signal === 'SIGKILL' || signal === 'SIGTERM' || signal === 'SIGINT');

/** Checkpoints that wait to be looked into. */
const inspectionsMax = 16;

const digestOf = (image: Uint8Array) => createHash('sha256').update(image).digest('hex');

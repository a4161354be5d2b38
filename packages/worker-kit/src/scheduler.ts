import { Failure, fail } from '@lensgate/contracts';
import { ClientGone } from '@lensgate/http-kit';
import type { Logger } from 'pino';
import { Admission } from './admission.js';
import { CheckpointLoader } from './checkpoint-loader.js';
import type { ChildPool, Home, StoredModel } from './child-pool.js';
import type { CostBook } from './cost-book.js';
import { FairShare } from './fair-share.js';
import { HomeKeeper, type HomeKeeperOptions } from './home-keeper.js';
import { Inspections } from './inspections.js';
import { expectedRestMs, shouldKill } from './kill-rule.js';
import type { ModelState } from './model-lifecycle.js';
import type { Quarantine } from './quarantine.js';
import type { RequestQueue } from './request-queue.js';
import { deadlineFailure, runFailure } from './run-failure.js';
import { UsageBook } from './usage-book.js';
import type { InferenceOutcome, InferenceRequest, Work } from './work.js';

export interface SchedulerOptions {
  readonly pool: ChildPool;
  readonly queue: RequestQueue<Work>;
  readonly costs: CostBook;
  readonly quarantine: Quarantine;
  readonly logger: Logger;
  readonly slots: number;
  readonly loadsMax: number;
  readonly pixelsMax: number;
  readonly responseBytesMax: number;
  readonly memoryBytesMax: number;
  readonly twinThreads: HomeKeeperOptions['twinThreads'];
  readonly wear: HomeKeeperOptions['wear'];
  readonly now: () => number;
}

/**
 * Decides when work runs: it alone knows deadlines. A slot is taken while a child works, also for a caller who has had
 * his 504 or has gone; the kill rule says when such work is ended.
 */
export class Scheduler {
  readonly usage = new UsageBook();
  readonly #running = new Set<Work>();
  readonly #share = new FairShare();
  readonly #keeper: HomeKeeper;
  readonly #admission: Admission;
  readonly #loader: CheckpointLoader;
  readonly #inspections: Inspections;
  /** Checkpoints whose file has gone, while there is still work of them. */
  readonly #leaving = new Set<string>();
  #nextId = 1;
  #draining = false;

  constructor(private readonly options: SchedulerOptions) {
    this.#loader = new CheckpointLoader(options);
    this.#keeper = new HomeKeeper({
      ...options,
      loader: this.#loader,
      isClosing: () => this.#draining,
      onChange: () => this.pump(),
    });
    this.#admission = new Admission({ ...options, stateOf: (sha256) => this.stateOf(sha256) });
    this.#inspections = new Inspections({
      pool: options.pool,
      loader: this.#loader,
      isDraining: () => this.#draining,
      load: (model) => this.#load(model),
    });
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
      this.#inspections.has(sha256) ||
      [...this.#running].some((work) => work.sha256 === sha256)
    );
  }

  /** As `Admission.fullness`. */
  fullness(sha256: string): Failure | undefined {
    return this.#admission.fullness(sha256);
  }

  /** As `Admission.fullForMs`. */
  fullForMs(sha256: string): number {
    return this.#admission.fullForMs(sha256);
  }

  /** Forgets what is known of a checkpoint: its file has gone or come anew. */
  forget(sha256: string): void {
    this.#loader.forget(sha256);
    this.#share.forget(sha256);
    this.#keeper.forget(sha256);
    this.usage.forget(sha256);
    this.options.costs.forget(sha256);
  }

  /** Somebody asks for a checkpoint that is not tried any more: its next load counts as the first. */
  tryAgain(sha256: string): void {
    if (this.stateOf(sha256).state === 'stopped') this.#loader.forget(sha256);
  }

  /** The file of a checkpoint has gone: its homes end when the work that was let in is done, and it is forgotten. */
  dismiss(sha256: string): void {
    this.#leaving.add(sha256);
    this.pump();
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
    if (this.#draining) return Promise.reject(fail('DRAINING', {}));
    if (request.signal.aborted) return Promise.reject(new ClientGone());
    const refusal = this.#admission.refusal(request);
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
      if (this.options.queue.sizeOf(sha256) === 0) this.#share.join(sha256, this.#busy());
      if (!this.options.queue.push(work)) {
        reject(this.#admission.queueFull(sha256));
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
    this.#inspections.noteChange();
    this.#endLeaving();
    const homeless = this.#share.sorted(queue.checkpoints().filter((sha256) => pool.homesOf(sha256).length === 0));
    for (const sha256 of homeless) {
      if (this.#loader.isFull) break;
      const [first] = queue.waitingFor(sha256);
      if (first && !this.#loader.isLoading(sha256)) this.#loadForWaiting(first.request.model);
    }
    for (;;) {
      const startable = queue.checkpoints().filter((sha256) => pool.idleHome(sha256) && this.#hasTurn(sha256));
      const [next] = this.#share.sorted(startable);
      const home = next === undefined ? undefined : pool.idleHome(next);
      const work = next === undefined ? undefined : queue.shift(next);
      if (!home || !work) break;
      // The processor's time is better spent on one that can still be answered.
      if (this.#admission.isTooLate(work.request)) this.#giveUp(work, deadlineFailure(work));
      else void this.#run(work, home);
    }
    if (this.#running.size < slots) this.#keeper.addTwins(queue.checkpoints());
  }

  /**
   * Whether work of a checkpoint may start now: in a free slot, or, where one other checkpoint has them all, as the one
   * visitor beside it. The processor shares its time better than a visitor is served who waits for a flood's turn to end.
   */
  #hasTurn(sha256: string): boolean {
    const { slots } = this.options;
    if (this.#running.size < slots) return true;
    const running = new Set([...this.#running].map((work) => work.sha256));
    return slots > 1 && this.#running.size === slots && running.size === 1 && !running.has(sha256);
  }

  #endLeaving(): void {
    for (const sha256 of this.#leaving) {
      if (this.isWanted(sha256)) continue;
      this.#leaving.delete(sha256);
      this.options.pool.unload(sha256);
      this.forget(sha256);
    }
  }

  #busy(): string[] {
    return [...this.options.queue.checkpoints(), ...[...this.#running].map((work) => work.sha256)];
  }

  /**
   * Loads only where there is room. Homes of waiting checkpoints stay, unless these have had more of the processor than
   * the one that waits for a home: otherwise a flood would keep its home for ever.
   */
  #loadForWaiting(model: StoredModel): void {
    if (this.#leaving.has(model.sha256)) {
      const gone = fail('CHECKPOINT_NEEDED', { sha256: model.sha256 });
      for (const work of this.options.queue.waitingFor(model.sha256)) this.#giveUp(work, gone);
      return;
    }
    const share = this.#share.of(model.sha256);
    const keep = new Set(this.options.queue.checkpoints().filter((each) => this.#share.of(each) <= share));
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
    if (this.#draining) throw fail('DRAINING', {});
    const refusal = this.#admission.loadRefusal(model.sha256);
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
   * As `Inspections.inspect`.
   * @throws Failure also when too many wait
   */
  async inspect(model: StoredModel, signal?: AbortSignal): Promise<Home> {
    if (this.#inspections.isFull) throw this.#admission.queueFull(model.sha256);
    this.#leaving.delete(model.sha256);
    return await this.#inspections.inspect(model, signal);
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

  async #run(work: Work, home: Home): Promise<void> {
    const { request, sha256 } = work;
    const startedAtMs = this.options.now();
    if (this.#running.size + 1 < this.options.slots) this.#keeper.noteWait(home, startedAtMs - request.arrivedAtMs);
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
          responseBytesMax: this.options.responseBytesMax,
        },
        [request.image],
      );
      this.options.pool.free(home);
      home.requests += 1;
      this.#loader.noteAnswer(sha256);
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
      const failure = runFailure(work, error, { ...this.options, loader: this.#loader });
      this.#answer(work, () => work.reject(failure));
    } finally {
      const endedAtMs = this.options.now();
      home.lastUsedAtMs = endedAtMs;
      this.usage.record(sha256, endedAtMs);
      this.#running.delete(work);
      work.phase = { state: 'ended' };
      clearTimeout(work.killTimer);
      this.#share.add(sha256, endedAtMs - startedAtMs);
      this.#keeper.considerWear(home);
      this.pump();
    }
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

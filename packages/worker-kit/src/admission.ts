import { createHash } from 'node:crypto';
import { type Failure, fail } from '@lensgate/contracts';
import type { ChildPool } from './child-pool.js';
import type { CostBook } from './cost-book.js';
import type { ModelState } from './model-lifecycle.js';
import type { Quarantine } from './quarantine.js';
import type { RequestQueue, Waiting } from './request-queue.js';
import type { InferenceRequest } from './work.js';

export interface AdmissionOptions {
  readonly pool: ChildPool;
  readonly queue: RequestQueue<Waiting>;
  readonly costs: CostBook;
  readonly quarantine: Quarantine;
  readonly slots: number;
  readonly now: () => number;
  readonly stateOf: (sha256: string) => ModelState;
}

const retryAfterSMax = 60;
const fullForMsMax = 1_000;
const waitMargin = 1.2;
/** What a request of a checkpoint is taken to cost as long as none was measured. */
const unknownCostMs = 1_000;

/** Says at once what cannot be served, before anything waits. Changes nothing. */
export class Admission {
  constructor(private readonly options: AdmissionOptions) {}

  /** @returns why the request is refused; undefined when it may wait for its turn */
  refusal(request: InferenceRequest): Failure | undefined {
    const { quarantine, now } = this.options;
    const { sha256 } = request.model;
    const nowMs = now();
    const refusal = this.loadRefusal(sha256);
    if (refusal) return refusal;
    if (!quarantine.isEmpty) {
      const refusedForMs = quarantine.refusedForMs(sha256, digestOf(request.image), nowMs);
      if (refusedForMs > 0) return fail('INPUT_QUARANTINED', { seconds: Math.ceil(refusedForMs / 1_000) });
    }
    return this.#unreachableDeadline(request, nowMs);
  }

  /** @returns why a checkpoint cannot be loaded now */
  loadRefusal(sha256: string): Failure | undefined {
    const { pool, stateOf, now } = this.options;
    const { startsAgainInS } = pool;
    if (startsAgainInS !== undefined)
      return fail('STARTING', { retry_after_s: startsAgainInS }, { retryAfterS: startsAgainInS });
    const state = stateOf(sha256);
    if (state.state === 'refused' || state.state === 'stopped') return state.failure;
    const backOffMs = state.state === 'failing' ? state.retryAtMs - now() : 0;
    return backOffMs > 0 ? fail('CHILD_CRASHED', {}, { retryAfterS: Math.ceil(backOffMs / 1_000) }) : undefined;
  }

  queueFull(sha256: string): Failure {
    const retryAfterS = this.#retryAfterS(sha256);
    return fail('QUEUE_FULL', { waiting: this.options.queue.size, retry_after_s: retryAfterS }, { retryAfterS });
  }

  /** @returns why any further request of a checkpoint is refused, whatever its picture; undefined when one may come */
  fullness(sha256: string): Failure | undefined {
    return this.options.queue.isFullFor(sha256) ? this.queueFull(sha256) : undefined;
  }

  /**
   * How long a full queue has enough to do, ms, if all that comes is refused: until half of it is done, at the speed of
   * all slots. 0 where the queue is not full, or no cost is known.
   */
  fullForMs(sha256: string): number {
    const { queue, costs, slots } = this.options;
    if (!queue.isFullFor(sha256)) return 0;
    return Math.min(fullForMsMax, ((costs.meanMs(sha256) ?? 0) * queue.sizeOf(sha256)) / 2 / slots);
  }

  /** Whether a request whose turn has come cannot be done in time any more, even at the lowest cost measured lately. */
  isTooLate({ model, deadlineAtMs }: InferenceRequest): boolean {
    return (this.options.costs.floorMs(model.sha256) ?? 0) > deadlineAtMs - this.options.now();
  }

  /**
   * For itself a request is judged by the lowest cost measured lately: it may be lucky. Those in front are many, and
   * take what they usually take, with a margin: in a rush the queue is always as long as this lets it be, and without
   * one half of those let in would be late.
   */
  #unreachableDeadline(request: InferenceRequest, nowMs: number): Failure | undefined {
    const { pool, costs, queue } = this.options;
    const { sha256 } = request.model;
    const leftMs = request.deadlineAtMs - nowMs;
    const homes = pool.homesOf(sha256).length;
    const floorMs = costs.floorMs(sha256);
    if (floorMs === undefined || homes === 0) return undefined;
    if (floorMs > leftMs)
      return fail('DEADLINE_TOO_SHORT', { cost_ms: Math.ceil(floorMs), left_ms: Math.max(0, Math.floor(leftMs)) });
    const waiting = queue.sizeOf(sha256);
    if (waiting === 0) return undefined;
    const waitMs = (waiting * (costs.meanMs(sha256) ?? floorMs)) / this.#lanes(sha256, homes);
    return waitMs * waitMargin + floorMs <= leftMs ? undefined : this.queueFull(sha256);
  }

  /** How much of a checkpoint's work goes on at one time: a part only, where it shares the slots with others. */
  #lanes(sha256: string, homes: number): number {
    const { queue, slots } = this.options;
    const others = queue.checkpoints().filter((each) => each !== sha256).length;
    return Math.min(homes, slots / (others + 1));
  }

  /** Seconds until the waiting work is likely done, by measured cost. */
  #retryAfterS(sha256: string): number {
    const { queue, costs, slots } = this.options;
    const costOf = (each: string) => costs.meanMs(each) ?? costs.meanMs(sha256) ?? unknownCostMs;
    const queuedMs = queue.checkpoints().reduce((sum, each) => sum + queue.sizeOf(each) * costOf(each), 0);
    return Math.min(retryAfterSMax, Math.max(1, Math.ceil(queuedMs / slots / 1_000)));
  }
}

/** How a picture is known to the quarantine and in the log. */
export const digestOf = (image: Uint8Array): string => createHash('sha256').update(image).digest('hex');

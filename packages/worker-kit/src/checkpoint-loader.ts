import { Failure, fail } from '@lensgate/contracts';
import type { Logger } from 'pino';
import { ChildEnded, type ChildExit } from './child-handle.js';
import type { ChildPool, Home, StoredModel } from './child-pool.js';
import type { CostBook } from './cost-book.js';
import { type ModelState, nextModelState } from './model-lifecycle.js';

export interface CheckpointLoaderOptions {
  readonly pool: ChildPool;
  readonly costs: CostBook;
  readonly logger: Logger;
  readonly loadsMax: number;
  readonly memoryBytesMax: number;
  readonly now: () => number;
}

const MiB = 2 ** 20;
const anotherBackOffMs = 60_000;
/** What was refused is remembered, so that its bytes need not be sent again to hear the same; not for ever. */
const statesMax = 10_000;

/** Makes homes for checkpoints, one load per checkpoint at a time, and remembers what became of each. */
export class CheckpointLoader {
  readonly #states = new Map<string, ModelState>();
  readonly #loads = new Map<string, Promise<Home>>();
  /** Checkpoints that have a home and get one more. */
  readonly #others = new Set<string>();
  readonly #othersNotBeforeMs = new Map<string, number>();

  constructor(private readonly options: CheckpointLoaderOptions) {}

  /** Whether as many loads are under way as may be. */
  get isFull(): boolean {
    return this.#loads.size + this.#others.size >= this.options.loadsMax;
  }

  isLoading(sha256: string): boolean {
    return this.#loads.has(sha256) || this.#others.has(sha256);
  }

  /** Settles when the load of a checkpoint that is under way has ended, however it did. */
  async settled(sha256: string): Promise<void> {
    await this.#loads.get(sha256)?.catch(() => undefined);
  }

  stateOf(sha256: string): ModelState {
    return this.#states.get(sha256) ?? { state: 'stored' };
  }

  forget(sha256: string): void {
    this.#states.delete(sha256);
    this.#othersNotBeforeMs.delete(sha256);
  }

  /** A child ended over a picture by its own fault. */
  noteDeath(sha256: string): void {
    this.#move(sha256, { type: 'run-crashed', nowMs: this.options.now() });
  }

  noteAnswer(sha256: string): void {
    this.#move(sha256, { type: 'answered' });
  }

  /**
   * Gives a home of the checkpoint: the one that is there, the one that is being made, or a new one, for which room was
   * made before.
   * @throws Failure when it cannot be run
   */
  load(model: StoredModel): Promise<Home> {
    const { sha256 } = model;
    const known = this.options.pool.homesOf(sha256)[0];
    if (known) return Promise.resolve(known);
    const underWay = this.#loads.get(sha256);
    if (underWay) return underWay;
    const load = this.#open(model).finally(() => this.#loads.delete(sha256));
    this.#loads.set(sha256, load);
    return load;
  }

  /** Whether one more home may be made now, beside those that a checkpoint has. */
  mayLoadAnother(sha256: string): boolean {
    if (this.isFull || this.isLoading(sha256)) return false;
    return (this.#othersNotBeforeMs.get(sha256) ?? 0) <= this.options.now();
  }

  /**
   * Makes one more home of a checkpoint that has one. Its failure says nothing of those that are there; it is only not
   * tried again for a while.
   * @returns undefined when none could be made
   */
  async loadAnother(model: StoredModel, threads: number): Promise<Home | undefined> {
    const { sha256 } = model;
    this.#others.add(sha256);
    try {
      return await this.options.pool.open(model, threads);
    } catch (error) {
      this.#othersNotBeforeMs.set(sha256, this.options.now() + anotherBackOffMs);
      this.options.logger.warn({ sha256, err: error }, 'another child for a checkpoint could not be made');
      return undefined;
    } finally {
      this.#others.delete(sha256);
    }
  }

  async #open(model: StoredModel): Promise<Home> {
    const { sha256 } = model;
    this.#move(sha256, { type: 'load' });
    try {
      const home = await this.options.pool.open(model);
      this.options.costs.record(sha256, home.facts.canaryMs);
      this.#move(sha256, { type: 'loaded', findings: home.facts.findings, warnings: home.facts.warnings });
      return home;
    } catch (error) {
      throw this.#failureOf(sha256, error);
    }
  }

  #failureOf(sha256: string, error: unknown): Failure {
    if (error instanceof Failure) {
      if (error.code === 'CHECKPOINT_REFUSED') this.#move(sha256, { type: 'refused', failure: error });
      else this.#move(sha256, { type: 'stored' });
      return error;
    }
    const reason = error instanceof ChildEnded ? error.exit.reason : undefined;
    if (reason === 'shutdown') {
      this.#move(sha256, { type: 'stored' });
      return fail('DRAINING', {});
    }
    if (reason === 'memory') {
      this.#move(sha256, { type: 'stored' });
      return memoryExhausted((error as ChildEnded).exit, this.options);
    }
    if (reason === 'deadline') {
      const reason = {
        en: 'The model does not finish a test picture in the time allowed.',
        ko: '모델이 제한 시간 안에 시험 이미지를 처리하지 못했습니다.',
      };
      const failure = fail('CHECKPOINT_REFUSED', { reason });
      this.#move(sha256, { type: 'refused', failure });
      return failure;
    }
    this.options.logger.error({ sha256, err: error }, 'a child ended while it loaded a checkpoint');
    this.#move(sha256, { type: 'load-crashed', nowMs: this.options.now() });
    return fail('CHILD_CRASHED', {}, { retryAfterS: 1 });
  }

  #move(sha256: string, event: Parameters<typeof nextModelState>[1]): void {
    const next = nextModelState(this.stateOf(sha256), event);
    this.#states.delete(sha256);
    if (next.state === 'stored') return;
    this.#states.set(sha256, next);
    if (this.#states.size > statesMax) this.#forgetOldest();
  }

  /** Whatever is asked of a checkpoint that was forgotten is found out again. */
  #forgetOldest(): void {
    for (const [sha256, { state }] of this.#states) {
      if (state === 'loading') continue;
      this.#states.delete(sha256);
      return;
    }
  }
}

/** What is said of a child that was ended because it took too much memory. */
export function memoryExhausted({ peakRssBytes }: ChildExit, { memoryBytesMax }: { memoryBytesMax: number }): Failure {
  return fail('MEMORY_EXHAUSTED', {
    needed_mb: Math.ceil(peakRssBytes / MiB),
    limit_mb: Math.floor(memoryBytesMax / MiB),
  });
}

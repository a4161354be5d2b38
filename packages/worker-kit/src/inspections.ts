import { fail } from '@lensgate/contracts';
import { orGiveUp } from '@lensgate/http-kit';
import type { CheckpointLoader } from './checkpoint-loader.js';
import type { ChildPool, Home, StoredModel } from './child-pool.js';

export interface InspectionsOptions {
  readonly pool: ChildPool;
  readonly loader: CheckpointLoader;
  readonly isDraining: () => boolean;
  /** Makes a home now, for which room was made before. */
  readonly load: (model: StoredModel) => Promise<Home>;
}

/** Checkpoints that wait to be looked into, without a picture. */
export class Inspections {
  readonly #waiting: StoredModel[] = [];
  readonly #changeWaiters: (() => void)[] = [];

  constructor(private readonly options: InspectionsOptions) {}

  get isFull(): boolean {
    return this.#waiting.length >= waitingMax;
  }

  has(sha256: string): boolean {
    return this.#waiting.some((model) => model.sha256 === sha256);
  }

  /** A load, a run or a child has ended: there may be room now. */
  noteChange(): void {
    for (const resolve of this.#changeWaiters.splice(0)) resolve();
  }

  /**
   * Looks into a checkpoint by making a home for it, which then stays warm.
   * @param signal ends the wait for it, with its reason; a load under way goes on
   * @throws Failure when it cannot be run, or there is no room now
   */
  async inspect(model: StoredModel, signal?: AbortSignal): Promise<Home> {
    const orLeave = <T>(work: Promise<T>) => (signal ? orGiveUp(work, signal) : work);
    this.#waiting.push(model);
    try {
      while (!this.#canLoad(model)) await orLeave(this.#nextChange());
      return await orLeave(this.options.load(model));
    } finally {
      this.#waiting.splice(this.#waiting.indexOf(model), 1);
    }
  }

  #canLoad(model: StoredModel): boolean {
    const { pool, loader, isDraining } = this.options;
    const { sha256 } = model;
    if (isDraining()) throw fail('DRAINING', {});
    if (pool.homesOf(sha256).length > 0 || loader.isLoading(sha256)) return true;
    return !loader.isFull && pool.makeRoom(model, new Set());
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => this.#changeWaiters.push(resolve));
  }
}

const waitingMax = 16;

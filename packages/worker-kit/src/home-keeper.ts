import type { CheckpointLoader } from './checkpoint-loader.js';
import type { ChildPool, Home } from './child-pool.js';
import { HotCheckpoints } from './hot-checkpoints.js';
import { isWorn, type WearLimits } from './wear.js';

export interface HomeKeeperOptions {
  readonly pool: ChildPool;
  readonly loader: CheckpointLoader;
  /** Runs at once, and so homes of one checkpoint at the most. */
  readonly slots: number;
  /** Of a session in one more child of a checkpoint that has one. */
  readonly twinThreads: number;
  readonly wear: WearLimits;
  readonly now: () => number;
  readonly isClosing: () => boolean;
  /** Called when there is a home more. */
  readonly onChange: () => void;
}

/** Gives hot checkpoints one more home while cores are free, and worn homes a successor. */
export class HomeKeeper {
  readonly #hot = new HotCheckpoints();

  constructor(private readonly options: HomeKeeperOptions) {}

  /** Work has waited for this home although a core was free; what it waited for a load does not count. */
  noteWait({ model, loadedAtMs }: Home, waitedMs: number): void {
    const nowMs = this.options.now();
    this.#hot.waited(model.sha256, Math.min(waitedMs, nowMs - loadedAtMs), nowMs);
  }

  forget(sha256: string): void {
    this.#hot.forget(sha256);
  }

  /** Cores are free, and yet work of these checkpoints waits: one more home each, where that is worth it. */
  addTwins(checkpoints: readonly string[]): void {
    const { pool, slots, twinThreads, now } = this.options;
    for (const sha256 of checkpoints) {
      const [home, ...twins] = pool.homesOf(sha256);
      if (!home || twins.length + 1 >= slots) continue;
      if (this.#hot.isWorthAnotherHome(sha256, pool.homeMs(home), now())) void this.#addHome(home, twinThreads);
    }
  }

  /** A worn home is replaced before it ends, where there is room for both; else the next request loads anew. */
  considerWear(home: Home): void {
    const { pool, loader, wear } = this.options;
    if (home.state !== 'idle' || home.isBeingReplaced || !pool.homes.includes(home)) return;
    if (isWorn(home, wear) && loader.mayLoadAnother(home.model.sha256)) void this.#replace(home);
  }

  async #replace(home: Home): Promise<void> {
    const { pool, isClosing } = this.options;
    home.isBeingReplaced = true;
    await this.#addHome(home, home.threads);
    if (!isClosing() && pool.homes.includes(home)) pool.retireHome(home, 'recycled');
  }

  /** Makes one more home of the checkpoint, which takes no room from others; if none can be made, none is. */
  async #addHome({ model }: Home, threads: number): Promise<void> {
    const { pool, loader, isClosing, onChange } = this.options;
    if (isClosing() || !loader.mayLoadAnother(model.sha256) || !pool.fitsBeside(model)) return;
    await loader.loadAnother(model, threads);
    onChange();
  }
}

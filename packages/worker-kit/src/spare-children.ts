import type { Logger } from 'pino';
import { logChildEnd } from './child-end-log.js';
import { ChildEnded, ChildHandle, type ChildSpec } from './child-handle.js';

export interface SpareChildrenOptions {
  readonly child: ChildSpec;
  readonly logger: Logger;
  /** How many are kept ready. */
  readonly count: number;
  /** While it says so no spare is started; `refill` is called when that is over. */
  readonly isOnHold: () => boolean;
  /** Called when a spare has started. */
  readonly onReady: () => void;
  readonly now: () => number;
}

const retryMsMin = 250;
const retryMsMax = 30_000;

/** Children without a checkpoint, kept ready: a new home then costs a load, not a process start. */
export class SpareChildren {
  readonly #ready = new Set<ChildHandle>();
  readonly #boots = new Set<Promise<ChildHandle>>();
  /** Those of `#boots` that nobody waits for. */
  readonly #unclaimed = new Set<Promise<ChildHandle>>();
  #bootMs = 0;
  #failures = 0;
  #closed = false;
  #retryTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: SpareChildrenOptions) {}

  /** Those that are ready. */
  get size(): number {
    return this.#ready.size;
  }

  /** What the last start of a process took, ms. */
  get bootMs(): number {
    return this.#bootMs;
  }

  /** Seconds until a start is tried again, where the last has failed. */
  get startsAgainInS(): number | undefined {
    return this.#failures === 0 ? undefined : Math.ceil(retryMs(this.#failures) / 1_000);
  }

  /**
   * Gives a spare away, also one that is only starting: a second start beside it would take its processor time. Starts
   * a child where there is neither.
   * @throws what the start fails with; ChildEnded after `close`
   */
  async take(): Promise<ChildHandle> {
    if (this.#closed) throw new ChildEnded({ reason: 'shutdown', exitCode: null, signal: null, peakRssBytes: 0 });
    for (const spare of this.#ready) {
      this.#ready.delete(spare);
      if (spare.isAlive) return spare;
    }
    for (const boot of this.#unclaimed) {
      this.#unclaimed.delete(boot);
      return boot;
    }
    return this.#boot();
  }

  /** Starts as many as are missing; after a failure it tries again by itself, later and later. */
  refill(): void {
    if (this.#closed || this.options.isOnHold() || this.#retryTimer) return;
    while (this.#ready.size + this.#unclaimed.size < this.options.count) void this.#bootSpare();
  }

  /** Ends all and waits until they are gone, those included that are only starting, or were started for `take`. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    const children = [...this.#ready];
    for (const child of children) child.kill('shutdown');
    const boots = await Promise.allSettled(this.#boots);
    const late = boots.flatMap((boot) => (boot.status === 'fulfilled' ? [boot.value] : []));
    await Promise.all([...children, ...late].map(({ ended }) => ended));
  }

  async #boot(): Promise<ChildHandle> {
    const startedAtMs = this.options.now();
    const boot = ChildHandle.boot(this.options.child);
    this.#boots.add(boot);
    try {
      const child = await boot;
      this.#bootMs = this.options.now() - startedAtMs;
      // Nobody knew of it while it started.
      if (this.#closed) child.kill('shutdown');
      return child;
    } finally {
      this.#boots.delete(boot);
    }
  }

  async #bootSpare(): Promise<void> {
    const { logger, onReady } = this.options;
    const boot = this.#boot();
    this.#unclaimed.add(boot);
    try {
      const child = await boot;
      this.#failures = 0;
      const isClaimed = !this.#unclaimed.has(boot);
      if (this.#closed || isClaimed) return;
      this.#ready.add(child);
      void child.ended.then((exit) => {
        if (!this.#ready.delete(child)) return;
        logChildEnd(logger, { exit, child, sha256: null });
        this.refill();
      });
      onReady();
    } catch (error) {
      this.#failures += 1;
      const waitMs = retryMs(this.#failures);
      logger.error({ err: error, retry_ms: waitMs }, 'a child could not be started');
      this.#retryTimer = setTimeout(() => {
        this.#retryTimer = undefined;
        this.refill();
      }, waitMs);
      this.#retryTimer.unref();
    } finally {
      this.#unclaimed.delete(boot);
    }
  }
}

const retryMs = (failures: number) => Math.min(retryMsMax, retryMsMin * 2 ** failures);

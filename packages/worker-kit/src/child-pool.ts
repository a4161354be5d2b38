import { setTimeout as sleep } from 'node:timers/promises';
import { type CheckpointFindings, Failure, fail, type Words } from '@lensgate/contracts';
import type { Logger } from 'pino';
import { logChildEnd } from './child-end-log.js';
import type { ChildHandle, ChildSpec, EndReason } from './child-handle.js';
import { evictionOrder } from './eviction-order.js';
import { residentBytes } from './memory.js';
import { SpareChildren } from './spare-children.js';

/** A checkpoint in the store of this worker. */
export interface StoredModel {
  readonly sha256: string;
  readonly path: string;
  readonly bytes: number;
}

export interface LoadedFacts {
  readonly findings: CheckpointFindings;
  readonly warnings: readonly Words[];
  readonly loadMs: number;
  readonly canaryMs: number;
}

/** A child that holds a checkpoint. */
export interface Home {
  readonly child: ChildHandle;
  readonly model: StoredModel;
  readonly facts: LoadedFacts;
  /** `retiring`: busy for the last time. */
  state: 'idle' | 'busy' | 'retiring';
  /** Why it ends after its work, when it is retiring. */
  endReason: EndReason | undefined;
  readonly threads: number;
  /** Another is made in its place. */
  isBeingReplaced: boolean;
  readonly loadedAtMs: number;
  lastUsedAtMs: number;
  requests: number;
}

export interface ChildPoolOptions {
  readonly child: ChildSpec;
  readonly logger: Logger;
  /** Children kept ready without a checkpoint: a new home then costs a load, not a process start. */
  readonly spares: number;
  readonly childrenMax: number;
  readonly threadsPerChild: number;
  readonly childIdleMs: number;
  /** A checkpoint that takes longer to load and to prove is given up: others wait for their turn to load. */
  readonly loadMsMax: number;
  /** Of all children together, and of one. */
  readonly memoryBytesMax: number;
  /** Whether a checkpoint must keep a home, idle or not. */
  readonly isPinned: (sha256: string) => boolean;
  readonly now: () => number;
  /** Called after anything that may let waiting work go on. */
  readonly onChange: () => void;
}

const sweepEveryMs = 500;
const twinIdleMs = 30_000;
/** Many times what a child of some gigabytes takes to end. */
const endMsMax = 2_000;

/**
 * The children of a worker: spares that wait for a checkpoint, and homes that hold one. Chooses children and ends idle
 * ones; when work runs is the scheduler's business.
 */
export class ChildPool {
  readonly #spares: SpareChildren;
  readonly #homes = new Set<Home>();
  readonly #others = new Set<ChildHandle>();
  readonly #ending = new Set<ChildHandle>();
  #loading = 0;
  #closed = false;
  readonly #sweepTimer: NodeJS.Timeout;

  constructor(private readonly options: ChildPoolOptions) {
    this.#sweepTimer = setInterval(() => this.#sweep(), sweepEveryMs);
    this.#sweepTimer.unref();
    this.#spares = new SpareChildren({
      ...options,
      count: options.spares,
      // A start beside a load, or beside the end of one that gives its memory back, takes the time of those who work.
      isOnHold: () => this.#loading > 0 || this.#ending.size > 0,
      onReady: options.onChange,
    });
    this.#spares.refill();
  }

  get spares(): number {
    return this.#spares.size;
  }

  get homes(): readonly Home[] {
    return [...this.#homes];
  }

  /** Children of any kind that live. */
  get size(): number {
    return this.#spares.size + this.#homes.size + this.#others.size + this.#ending.size;
  }

  /** Seconds until a start is tried again, where no child lives because none could be started. */
  get startsAgainInS(): number | undefined {
    return this.size > 0 ? undefined : this.#spares.startsAgainInS;
  }

  /** Homes that take work of a checkpoint. */
  homesOf(sha256: string): Home[] {
    return this.homes.filter((home) => home.model.sha256 === sha256 && home.state !== 'retiring');
  }

  idleHome(sha256: string): Home | undefined {
    return this.homes.find((home) => home.model.sha256 === sha256 && home.state === 'idle');
  }

  /** What a new home costs, ms: its load and canary, and a process start where no spare waits. */
  homeMs(home: Home): number {
    return home.facts.loadMs + home.facts.canaryMs + (this.#spares.size > 0 ? 0 : this.#spares.bootMs);
  }

  /**
   * Makes room for one more home, by number and by memory: the least recently used idle homes end, but none of a
   * checkpoint that is to be kept.
   * @returns false, ending nothing, when that is not enough
   * @throws Failure MEMORY_EXHAUSTED when the checkpoint does not fit even alone, MEMORY_PINNED when it does not beside
   * the pinned ones
   */
  makeRoom(model: StoredModel, keep: ReadonlySet<string>): boolean {
    const { childrenMax, memoryBytesMax } = this.options;
    const neededBytes = homeBytes(model);
    if (neededBytes > memoryBytesMax) {
      throw fail('MEMORY_EXHAUSTED', { needed_mb: toMb(neededBytes), limit_mb: toMb(memoryBytesMax) });
    }
    const bytesOf = new Map(this.homes.map((home) => [home, bytesNow(home)]));
    let usedBytes = [...bytesOf.values()].reduce((sum, bytes) => sum + bytes, 0);
    let count = this.#homes.size;
    const hasRoom = () => count < childrenMax && (count === 0 || usedBytes + neededBytes <= memoryBytesMax);
    const leaving: Home[] = [];
    const pinned = this.#pinnedHomes();
    const candidates = this.homes.filter(
      (home) => home.state === 'idle' && !keep.has(home.model.sha256) && !pinned.has(home),
    );
    for (const home of evictionOrder(candidates, this.options.now())) {
      if (hasRoom()) break;
      leaving.push(home);
      usedBytes -= bytesOf.get(home) ?? 0;
      count -= 1;
    }
    if (!hasRoom()) {
      const pinnedBytes = [...pinned].reduce((sum, home) => sum + (bytesOf.get(home) ?? 0), 0);
      const fitsBesidePinned = pinned.size < childrenMax && pinnedBytes + neededBytes <= memoryBytesMax;
      if (pinned.size === 0 || fitsBesidePinned) return false;
      throw fail('MEMORY_PINNED', {
        needed_mb: toMb(neededBytes),
        pinned_mb: toMb(pinnedBytes),
        limit_mb: toMb(memoryBytesMax),
        children: pinned.size,
        children_max: childrenMax,
      });
    }
    for (const home of leaving) this.end(home, 'evicted');
    return true;
  }

  /** Whether one more home fits beside all that live, by number and by memory. */
  fitsBeside(model: StoredModel): boolean {
    const { childrenMax, memoryBytesMax } = this.options;
    const usedBytes = this.homes.reduce((sum, home) => sum + bytesNow(home), 0);
    // A twin will come to hold what its like holds.
    const likeBytes = Math.max(homeBytes(model), ...this.homesOf(model.sha256).map(bytesNow));
    return this.#homes.size < childrenMax && usedBytes + likeBytes <= memoryBytesMax;
  }

  /**
   * Loads a checkpoint into a spare, or into a new process where there is none. Room was made before.
   * @throws Failure when the checkpoint cannot be run
   * @throws ChildEnded when the child ends while it loads; for the reason `deadline` when it took too long
   */
  async open(model: StoredModel, threads = this.options.threadsPerChild): Promise<Home> {
    this.#loading += 1;
    let child: ChildHandle | undefined;
    let timer: NodeJS.Timeout | undefined;
    try {
      await this.#untilEnded();
      child = await this.#spares.take();
      this.#others.add(child);
      const loading = child;
      timer = setTimeout(() => loading.kill('deadline'), this.options.loadMsMax);
      const { message } = await child.ask({
        type: 'load',
        path: model.path,
        sha256: model.sha256,
        threads,
      });
      if (message.type === 'refused') throw new Failure(message.failure.code, message.failure.params);
      if (message.type !== 'loaded') throw new Error(`a ${message.type} in answer to a load`);
      return this.#settle(child, model, threads, message);
    } catch (error) {
      child?.kill('load-failed');
      throw error;
    } finally {
      clearTimeout(timer);
      if (child) this.#others.delete(child);
      this.#loading -= 1;
      this.#spares.refill();
    }
  }

  /** Ends a home, which gets no work from this moment on. Work that runs in it fails. */
  end(home: Home, reason: EndReason): void {
    this.#homes.delete(home);
    this.#ending.add(home.child);
    home.child.kill(reason);
  }

  /** Ends the children of a checkpoint. */
  unload(sha256: string): void {
    for (const home of this.#allHomesOf(sha256)) this.end(home, 'unloaded');
  }

  /** As `unload`, but a busy one ends after its work. Settles when all are gone. */
  async retire(sha256: string): Promise<void> {
    const leaving = this.#allHomesOf(sha256);
    for (const home of leaving) this.retireHome(home, 'unloaded');
    await Promise.all(leaving.map(({ child }) => child.ended));
  }

  /** Ends a home at once, or after the picture it works on; it gets no other. */
  retireHome(home: Home, reason: EndReason): void {
    if (home.state === 'idle') this.end(home, reason);
    else if (home.state === 'busy') Object.assign(home, { state: 'retiring', endReason: reason });
  }

  /** Gives a home back after its work. */
  free(home: Home): void {
    if (home.state === 'retiring') this.end(home, home.endReason ?? 'unloaded');
    else home.state = 'idle';
  }

  #allHomesOf(sha256: string): Home[] {
    return this.homes.filter((home) => home.model.sha256 === sha256);
  }

  /** The home that each pinned checkpoint keeps: the one used last. */
  #pinnedHomes(): Set<Home> {
    const kept = new Map<string, Home>();
    for (const home of this.homes) {
      const { sha256 } = home.model;
      const other = kept.get(sha256);
      if (home.state === 'retiring' || !this.options.isPinned(sha256)) continue;
      if (!other || other.lastUsedAtMs < home.lastUsedAtMs) kept.set(sha256, home);
    }
    return new Set(kept.values());
  }

  /** Ends every child and waits until they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweepTimer);
    const children = [...this.#others, ...this.#ending, ...this.homes.map(({ child }) => child)];
    for (const child of children) child.kill('shutdown');
    await Promise.all([this.#spares.close(), ...children.map(({ ended }) => ended)]);
  }

  /** Until those that were told to end have given back what they hold; one that the system does not let go is left alone. */
  async #untilEnded(): Promise<void> {
    const enough = new AbortController();
    const patience = sleep(endMsMax, undefined, { ref: false, signal: enough.signal }).catch(() => undefined);
    await Promise.race([patience, Promise.all([...this.#ending].map(({ ended }) => ended))]);
    enough.abort();
  }

  #settle(child: ChildHandle, model: StoredModel, threads: number, facts: LoadedFacts): Home {
    const { findings, warnings, loadMs, canaryMs } = facts;
    const home: Home = {
      child,
      model,
      facts: { findings, warnings, loadMs, canaryMs },
      state: 'idle',
      endReason: undefined,
      threads,
      isBeingReplaced: false,
      loadedAtMs: this.options.now(),
      lastUsedAtMs: this.options.now(),
      requests: 0,
    };
    if (this.#closed) {
      child.kill('shutdown');
      return home;
    }
    this.#homes.add(home);
    void child.ended.then((exit) => {
      this.#homes.delete(home);
      this.#ending.delete(child);
      logChildEnd(this.options.logger, { exit, child, sha256: model.sha256 });
      this.#spares.refill();
      this.options.onChange();
    });
    this.options.logger.info(
      { sha256: model.sha256, pid: child.pid, load_ms: loadMs, canary_ms: canaryMs },
      'checkpoint loaded',
    );
    return home;
  }

  #sweep(): void {
    const nowMs = this.options.now();
    for (const child of this.#others) {
      const bytes = residentBytes(child.pid) ?? 0;
      child.noteResident(bytes);
      if (bytes > this.options.memoryBytesMax) child.kill('memory');
    }
    const pinned = this.#pinnedHomes();
    for (const home of this.homes) {
      const bytes = residentBytes(home.child.pid) ?? 0;
      home.child.noteResident(bytes);
      // Polled, never an address-space limit: V8 reserves more than it uses.
      if (bytes > this.options.memoryBytesMax) this.end(home, 'memory');
      else if (home.state === 'idle' && !pinned.has(home) && nowMs - home.lastUsedAtMs >= this.#idleMsMax(home))
        this.end(home, 'idle');
    }
  }

  /** The first home keeps a checkpoint warm; its twins were made for a rush and go when that is over. */
  #idleMsMax(home: Home): number {
    const { childIdleMs } = this.options;
    const isTwin = this.homesOf(home.model.sha256)[0] !== home;
    return isTwin ? Math.min(childIdleMs, twinIdleMs) : childIdleMs;
  }
}

/** Weights are held once by the file's arena and once by prepacked kernels at the most. */
const homeBytes = (model: StoredModel) => model.bytes * 2;
const bytesNow = ({ child }: Home) => residentBytes(child.pid) ?? child.rssBytes;
const toMb = (bytes: number) => Math.ceil(bytes / 2 ** 20);

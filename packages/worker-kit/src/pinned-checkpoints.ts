import { Failure } from '@lensgate/contracts';
import type { Logger } from 'pino';
import type { StoredModel } from './child-pool.js';

export interface PinnedCheckpointsOptions {
  /** @returns undefined when the checkpoint is not in the store any more */
  readonly find: (sha256: string) => StoredModel | undefined;
  readonly hasHome: (sha256: string) => boolean;
  /** Makes a home. @throws Failure, and the signal's reason */
  readonly load: (model: StoredModel, signal: AbortSignal) => Promise<unknown>;
  readonly logger: Logger;
  readonly now: () => number;
}

interface Trouble {
  readonly failures: number;
  readonly failure: Failure;
  readonly retryAtMs: number;
}

const retryMsMin = 1_000;
const retryMsMax = 60_000;

/**
 * The checkpoints that are to stay loaded. One that has lost its home, or never had one, is loaded again; what fails is
 * tried again, ever less often. One at a time, so that the loads others wait for are never far behind.
 *
 * It is forgotten with the process: whoever pins knows what is to be pinned, and says it again.
 */
export class PinnedCheckpoints {
  readonly #pins = new Set<string>();
  readonly #troubles = new Map<string, Trouble>();
  #loading: { readonly sha256: string; readonly controller: AbortController } | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(private readonly options: PinnedCheckpointsOptions) {}

  has(sha256: string): boolean {
    return this.#pins.has(sha256);
  }

  /** Why a pinned checkpoint could not be loaded last time. */
  troubleOf(sha256: string): string | undefined {
    return this.#troubles.get(sha256)?.failure.message;
  }

  /** Keeps a checkpoint loaded from now on; one that is not is loaded in the background. */
  pin(sha256: string): void {
    this.#pins.add(sha256);
    this.#troubles.delete(sha256);
    this.look();
  }

  unpin(sha256: string): void {
    this.#pins.delete(sha256);
    this.#troubles.delete(sha256);
    if (this.#loading?.sha256 === sha256) this.#loading.controller.abort();
  }

  /** Loads what is missing; call it when a child has ended, or anything may go on. */
  look(): void {
    if (this.#loading || this.#isClosed) return;
    const nowMs = this.options.now();
    const missing = [...this.#pins].filter((sha256) => !this.options.hasHome(sha256));
    const due = missing.find((sha256) => (this.#troubles.get(sha256)?.retryAtMs ?? 0) <= nowMs);
    if (due !== undefined) void this.#load(due);
    else this.#lookAgainLater(missing, nowMs);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retryTimer);
    this.#loading?.controller.abort();
  }

  async #load(sha256: string): Promise<void> {
    const model = this.options.find(sha256);
    if (!model) return this.unpin(sha256);
    const controller = new AbortController();
    this.#loading = { sha256, controller };
    try {
      await this.options.load(model, controller.signal);
      this.#troubles.delete(sha256);
    } catch (error) {
      if (!controller.signal.aborted) this.#note(sha256, error);
    } finally {
      this.#loading = undefined;
      this.look();
    }
  }

  #note(sha256: string, error: unknown): void {
    const failure = error instanceof Failure ? error : new Failure('INTERNAL', {});
    const failures = (this.#troubles.get(sha256)?.failures ?? 0) + 1;
    const retryMs = Math.min(retryMsMax, retryMsMin * 2 ** failures);
    this.#troubles.set(sha256, { failures, failure, retryAtMs: this.options.now() + retryMs });
    this.options.logger.warn({ sha256, code: failure.code, retry_ms: retryMs }, 'a pinned checkpoint is not loaded');
  }

  #lookAgainLater(missing: readonly string[], nowMs: number): void {
    clearTimeout(this.#retryTimer);
    const retries = missing.flatMap((sha256) => this.#troubles.get(sha256)?.retryAtMs ?? []);
    if (retries.length === 0) return;
    this.#retryTimer = setTimeout(() => this.look(), Math.max(1, Math.min(...retries) - nowMs));
    this.#retryTimer.unref();
  }
}

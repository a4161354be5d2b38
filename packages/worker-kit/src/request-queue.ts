/** What may wait, in requests and in bytes, for one checkpoint and for all together. */
export interface QueueLimits {
  readonly perCheckpointMax: number;
  readonly totalMax: number;
  readonly totalBytesMax: number;
}

export interface Waiting {
  readonly sha256: string;
  readonly imageBytes: number;
}

/** Bounded first-in first-out queues, one per checkpoint. Holds work; decides nothing. */
export class RequestQueue<T extends Waiting> {
  readonly #queues = new Map<string, Set<T>>();
  #total = 0;
  #bytes = 0;

  constructor(private readonly limits: QueueLimits) {}

  get size(): number {
    return this.#total;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether no further work of a checkpoint may wait, however small. */
  isFullFor(sha256: string): boolean {
    const { perCheckpointMax, totalMax, totalBytesMax } = this.limits;
    return this.sizeOf(sha256) >= perCheckpointMax || this.#total >= totalMax || this.#bytes >= totalBytesMax;
  }

  sizeOf(sha256: string): number {
    return this.#queues.get(sha256)?.size ?? 0;
  }

  /** Checkpoints with waiting work. */
  checkpoints(): string[] {
    return [...this.#queues.keys()];
  }

  waitingFor(sha256: string): T[] {
    return [...(this.#queues.get(sha256) ?? [])];
  }

  /** Appends work. @returns false, taking nothing, when a limit is reached */
  push(work: T): boolean {
    if (this.isFullFor(work.sha256) || this.#bytes + work.imageBytes > this.limits.totalBytesMax) return false;
    const queue = this.#queues.get(work.sha256) ?? new Set();
    queue.add(work);
    this.#queues.set(work.sha256, queue);
    this.#total += 1;
    this.#bytes += work.imageBytes;
    return true;
  }

  /** Takes the oldest work of a checkpoint. */
  shift(sha256: string): T | undefined {
    const [first] = this.#queues.get(sha256) ?? [];
    if (first) this.remove(first);
    return first;
  }

  /** Takes out work that is no longer wanted. @returns whether it was waiting */
  remove(work: T): boolean {
    const queue = this.#queues.get(work.sha256);
    if (!queue?.delete(work)) return false;
    if (queue.size === 0) this.#queues.delete(work.sha256);
    this.#total -= 1;
    this.#bytes -= work.imageBytes;
    return true;
  }
}

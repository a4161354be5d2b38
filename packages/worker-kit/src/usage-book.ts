export interface Usage {
  readonly requests: number;
  /** Monotonic clock. */
  readonly lastUsedAtMs: number;
}

/** How often, and when last, pictures have run in each checkpoint; its homes come and go. */
export class UsageBook {
  readonly #usage = new Map<string, Usage>();

  record(sha256: string, nowMs: number): void {
    this.#usage.set(sha256, { requests: (this.#usage.get(sha256)?.requests ?? 0) + 1, lastUsedAtMs: nowMs });
  }

  /** @returns undefined for a checkpoint that no picture has run in */
  of(sha256: string): Usage | undefined {
    return this.#usage.get(sha256);
  }

  forget(sha256: string): void {
    this.#usage.delete(sha256);
  }
}

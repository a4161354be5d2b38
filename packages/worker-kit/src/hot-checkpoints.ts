/** Waiting counts half after this long. */
const halfLifeMs = 5_000;
/** A home costs others their quiet: it must spare this many times what it costs. */
const gainMin = 2;

interface Heat {
  readonly waitedMs: number;
  readonly atMs: number;
}

/**
 * How long work of a checkpoint has lately waited for its busy homes while cores were free: that is what another home
 * would have spared.
 */
export class HotCheckpoints {
  readonly #heat = new Map<string, Heat>();

  waited(sha256: string, waitedMs: number, nowMs: number): void {
    this.#heat.set(sha256, { waitedMs: this.#waitedMs(sha256, nowMs) + waitedMs, atMs: nowMs });
  }

  /** @param homeMs what another home costs: load and canary, and the start of a process without a spare */
  isWorthAnotherHome(sha256: string, homeMs: number, nowMs: number): boolean {
    return this.#waitedMs(sha256, nowMs) > gainMin * homeMs;
  }

  forget(sha256: string): void {
    this.#heat.delete(sha256);
  }

  #waitedMs(sha256: string, nowMs: number): number {
    const heat = this.#heat.get(sha256);
    return heat ? heat.waitedMs * 0.5 ** ((nowMs - heat.atMs) / halfLifeMs) : 0;
  }
}

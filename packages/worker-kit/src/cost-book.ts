/** Measured milliseconds of one checkpoint. */
interface Costs {
  readonly recentMs: number[];
  meanMs: number;
}

const samplesMax = 16;
const weightOfNew = 0.2;

/** What requests have cost, per checkpoint: for refusing what cannot finish, for Retry-After and for the kill rule. */
export class CostBook {
  readonly #costs = new Map<string, Costs>();

  record(sha256: string, ms: number): void {
    const costs = this.#costs.get(sha256) ?? { recentMs: [], meanMs: ms };
    costs.meanMs += (ms - costs.meanMs) * weightOfNew;
    costs.recentMs.push(ms);
    if (costs.recentMs.length > samplesMax) costs.recentMs.shift();
    this.#costs.set(sha256, costs);
  }

  /** The usual cost, ms. @returns undefined for a checkpoint that has not run yet */
  meanMs(sha256: string): number | undefined {
    return this.#costs.get(sha256)?.meanMs;
  }

  /** The lowest recent cost, ms: a deadline below it cannot be kept, one above it might be. */
  floorMs(sha256: string): number | undefined {
    const recent = this.#costs.get(sha256)?.recentMs;
    return recent ? Math.min(...recent) : undefined;
  }

  forget(sha256: string): void {
    this.#costs.delete(sha256);
  }
}

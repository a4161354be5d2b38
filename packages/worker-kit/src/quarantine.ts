const deathsMax = 2;
const entriesMax = 10_000;

/** Pictures that have ended children of a checkpoint, by both digests. Entries expire, and are bounded. */
export class Quarantine {
  readonly #deaths = new Map<string, { count: number; expiresAtMs: number }>();

  constructor(private readonly expiryMs: number) {}

  /** Counts a child that ended by itself while it worked on this picture. */
  recordDeath(sha256: string, imageDigest: string, nowMs: number): void {
    const key = `${sha256}:${imageDigest}`;
    const count = (this.#live(key, nowMs)?.count ?? 0) + 1;
    this.#deaths.delete(key);
    this.#deaths.set(key, { count, expiresAtMs: nowMs + this.expiryMs });
    if (this.#deaths.size > entriesMax) {
      const [oldest] = this.#deaths.keys();
      if (oldest !== undefined) this.#deaths.delete(oldest);
    }
  }

  /** How long the picture is refused for this checkpoint, ms; 0 when it is not. */
  refusedForMs(sha256: string, imageDigest: string, nowMs: number): number {
    if (this.#deaths.size === 0) return 0;
    const entry = this.#live(`${sha256}:${imageDigest}`, nowMs);
    return entry && entry.count >= deathsMax ? entry.expiresAtMs - nowMs : 0;
  }

  get isEmpty(): boolean {
    return this.#deaths.size === 0;
  }

  #live(key: string, nowMs: number) {
    const entry = this.#deaths.get(key);
    if (entry && entry.expiresAtMs <= nowMs) {
      this.#deaths.delete(key);
      return undefined;
    }
    return entry;
  }
}

/** How much of the processor each checkpoint has had, ms: whoever has had the least goes first. */
export class FairShare {
  readonly #servedMs = new Map<string, number>();

  of(sha256: string): number {
    return this.#servedMs.get(sha256) ?? 0;
  }

  add(sha256: string, ms: number): void {
    this.#servedMs.set(sha256, this.of(sha256) + ms);
  }

  /** The least served first; those that are level keep their order. */
  sorted(checkpoints: readonly string[]): string[] {
    return [...checkpoints].sort((a, b) => this.of(a) - this.of(b));
  }

  /** A checkpoint that was quiet does not save up turns: it starts level with the least served of the busy ones. */
  join(sha256: string, busy: readonly string[]): void {
    if (busy.length === 0) return;
    const level = Math.min(...busy.map((each) => this.of(each)));
    this.#servedMs.set(sha256, Math.max(this.of(sha256), level));
  }

  forget(sha256: string): void {
    this.#servedMs.delete(sha256);
  }
}

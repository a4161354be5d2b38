/** What is known of a home's use. */
export interface HomeUse {
  readonly lastUsedAtMs: number;
  /** Pictures it has served. */
  readonly requests: number;
}

const recentMs = 1_000;

/**
 * Homes in the order in which they give way to another: the least recently used first. Those used within the same second
 * count as equally recent, and then the one that has served less goes: otherwise a checkpoint that is asked for a hundred
 * times a second would lose its home to a neighbour that was asked for once, a millisecond later.
 */
export function evictionOrder<H extends HomeUse>(homes: readonly H[], nowMs: number): H[] {
  const idleSeconds = ({ lastUsedAtMs }: HomeUse) => Math.floor((nowMs - lastUsedAtMs) / recentMs);
  return [...homes].sort(
    (a, b) => idleSeconds(b) - idleSeconds(a) || a.requests - b.requests || a.lastUsedAtMs - b.lastUsedAtMs,
  );
}

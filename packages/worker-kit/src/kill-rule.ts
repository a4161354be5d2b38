export interface RunningWork {
  /** How long it has been running, ms. */
  readonly elapsedMs: number;
  /** What such work usually costs, ms; undefined when nothing was measured. */
  readonly costMs: number | undefined;
}

/**
 * What abandoned work still costs, ms. Work that has outlived its usual cost, or has none, is expected to go on for as
 * long as it has run: nothing better is known of it.
 */
export function expectedRestMs({ elapsedMs, costMs }: RunningWork): number {
  return costMs !== undefined && elapsedMs < costMs ? costMs - elapsedMs : elapsedMs;
}

/**
 * Whether ending the child is cheaper than letting abandoned work finish.
 * @param homeMs what a new child for the checkpoint costs: load and canary, and the start of a process without a spare
 */
export function shouldKill(work: RunningWork, homeMs: number): boolean {
  return expectedRestMs(work) > homeMs;
}

import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** What is waited for, for the message of a failure. */
  readonly what?: string;
  /** A bound for a test that would hang; no test is about it. */
  readonly waitMsMax?: number;
}

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>;

/**
 * Polls until a condition gives something truthy.
 * @returns that value
 * @throws Error when it has not come true in time
 */
export async function waitFor<T>(
  condition: () => Promise<T> | T,
  { what = 'the condition', waitMsMax = 30_000 }: WaitOptions = {},
): Promise<Truthy<T>> {
  const giveUpAtMs = performance.now() + waitMsMax;
  for (;;) {
    const value = await condition();
    if (value) return value as Truthy<T>;
    if (performance.now() > giveUpAtMs) throw new Error(`${what} did not come true within ${waitMsMax} ms`);
    await sleep(10);
  }
}

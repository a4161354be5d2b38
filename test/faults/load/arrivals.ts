import { seededRandom } from '@lensgate/testing';

/**
 * Arrivals of an open loop: a Poisson process, the same for the same seed.
 * @returns ms from the start, ascending
 */
export function arrivalTimesMs(options: { perSecond: number; seconds: number; seed: number }): number[] {
  const { perSecond, seconds, seed } = options;
  const random = seededRandom(seed);
  const times: number[] = [];
  for (let atMs = 0; ; times.push(atMs)) {
    atMs += (-Math.log(1 - random.next()) / perSecond) * 1_000;
    if (atMs >= seconds * 1_000) return times;
  }
}

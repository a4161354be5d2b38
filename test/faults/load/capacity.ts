import type { Generator, Shot, Target } from './load.js';
import { goodPerSecond, median, timesOf } from './shots.js';

const clientsThatFill = 8;

/** Good answers a second that a target gives to as many clients as keep it busy. */
export async function capacityOf(generator: Generator, target: Target, seconds: number): Promise<number> {
  const shots = await generator.run({ kind: 'closed', target, clients: clientsThatFill, seconds });
  return goodPerSecond(shots, seconds);
}

/** Median time of a request that comes alone, ms. */
export async function quietMs(generator: Generator, target: Target, seconds: number): Promise<number> {
  const shots: Shot[] = await generator.run({ kind: 'closed', target, clients: 1, seconds });
  return median(timesOf(shots));
}

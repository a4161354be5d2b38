import { counted } from '../report.js';
import type { Shot } from './load.js';

/** The value below which a share of all lies; NaN of none. @param share 0…1 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const withStatus = (shots: readonly Shot[], status: number): Shot[] =>
  shots.filter((shot) => shot.status === status);

export const timesOf = (shots: readonly Shot[]): number[] => shots.map(({ ms }) => ms);

/** Such as `200`, `429 QUEUE_FULL`, or `0 ECONNRESET` without an answer. */
const outcomeOf = ({ status, code }: Shot): string => `${status} ${code}`.trim();

/** Each outcome that came, once. */
export const outcomes = (shots: readonly Shot[]): string[] => [...new Set(shots.map(outcomeOf))];

/** How often each outcome came, in words. */
export const countedOutcomes = (shots: readonly Shot[]): string => counted(shots.map(outcomeOf));

/** Good answers a second that came while the load lasted: what came after it is not counted. */
export const goodPerSecond = (shots: readonly Shot[], seconds: number): number =>
  withStatus(shots, 200).filter(({ atMs, ms }) => atMs + ms <= seconds * 1_000).length / seconds;

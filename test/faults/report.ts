import { appendFileSync } from 'node:fs';
import type { parts } from './parts.mjs';

export interface FaultRow {
  readonly part: keyof typeof parts;
  /** What was done to it. */
  readonly fault: string;
  readonly how: string;
  readonly times: number;
  /** What was seen. */
  readonly outcome: string;
}

/** Adds a row to the report of this run; `npm run test:faults` collects them. Call it when all that it says has been checked. */
export function report(row: FaultRow): void {
  const file = process.env.FAULTS_ROWS;
  if (file) appendFileSync(file, `${JSON.stringify(row)}\n`);
  else process.stderr.write(`${row.fault}: ${row.how}, ${row.times} times: ${row.outcome}\n`);
}

/** `200 ×12, 415 ×3`, most frequent first. */
export function counted(values: readonly (string | number)[]): string {
  const counts = new Map<string | number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([value, count]) => `${value} ×${count}`)
    .join(', ');
}

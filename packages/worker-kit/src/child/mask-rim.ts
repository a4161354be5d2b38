import { forEachRun } from './mask-runs.js';

/** Columns of a row, ascending and apart: from, to (the column after), from, to, … */
type Runs = readonly number[];

/**
 * Calls back for each run of the mask's rim, in reading order: of the set pixels that have an unset one, or the mask's
 * edge, no more than `thicknessPx` away in their row or in their column. It looks at runs, not at pixels: a mask is few
 * of these, as wide as a pixel of the model's output or wider.
 * @param mask data [height, width], 0 or 1
 * @param visit `to` is the column after the run
 */
export function forEachRimRun(
  mask: { readonly width: number; readonly height: number; readonly data: Uint8Array },
  thicknessPx: number,
  visit: (y: number, from: number, to: number) => void,
): void {
  const rows: number[][] = Array.from({ length: mask.height }, () => []);
  forEachRun(mask, (y, from, to) => rows[y]!.push(from, to));
  for (const [y, runs] of rows.entries()) {
    const inner = innerRuns(rows, y, thicknessPx);
    let next = 0;
    for (let at = 0; at < runs.length; at += 2) {
      let from = runs[at]!;
      const to = runs[at + 1]!;
      for (; next < inner.length && inner[next]! < to; next += 2) {
        if (from < inner[next]!) visit(y, from, inner[next]!);
        from = inner[next + 1]!;
      }
      if (from < to) visit(y, from, to);
    }
  }
}

/** What of a row is further than that from all that is unset. */
function innerRuns(rows: readonly Runs[], y: number, thicknessPx: number): Runs {
  if (y < thicknessPx || y + thicknessPx >= rows.length) return [];
  let inner = shortened(rows[y]!, thicknessPx);
  for (let step = 1; step <= thicknessPx && inner.length > 0; step++)
    inner = shared(shared(inner, rows[y - step]!), rows[y + step]!);
  return inner;
}

/** The runs without so many pixels at both of their ends. */
function shortened(runs: Runs, px: number): Runs {
  const short: number[] = [];
  for (let at = 0; at < runs.length; at += 2) {
    if (runs[at + 1]! - runs[at]! > 2 * px) short.push(runs[at]! + px, runs[at + 1]! - px);
  }
  return short;
}

/** The columns that are in both. */
function shared(some: Runs, others: Runs): Runs {
  const both: number[] = [];
  for (let a = 0, b = 0; a < some.length && b < others.length; ) {
    const from = Math.max(some[a]!, others[b]!);
    const to = Math.min(some[a + 1]!, others[b + 1]!);
    if (from < to) both.push(from, to);
    if (some[a + 1]! < others[b + 1]!) a += 2;
    else b += 2;
  }
  return both;
}

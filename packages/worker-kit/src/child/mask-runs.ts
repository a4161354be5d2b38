/** From so many equal pixels on, one call for all of them takes less time than a look at each. */
export const longRunPx = 32;

/**
 * Calls back for each run of set pixels within a row, in reading order.
 * @param mask data [height, width], 0 or 1
 * @param visit `to` is the column after the run
 */
export function forEachRun(
  { width, data }: { readonly width: number; readonly data: Uint8Array },
  visit: (y: number, from: number, to: number) => void,
): void {
  const bits = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  let y = 0;
  let rowEnd = width;
  for (let from = nextRun(bits, 0); from < bits.length; ) {
    for (; from >= rowEnd; rowEnd += width) y++;
    const end = runEnd(bits, from, rowEnd);
    const rowStart = rowEnd - width;
    visit(y, from - rowStart, end - rowStart);
    from = nextRun(bits, end);
  }
}

/** @returns the first set pixel at or after `from`, else the number of pixels */
function nextRun(bits: Buffer, from: number): number {
  const near = Math.min(from + longRunPx, bits.length);
  for (let at = from; at < near; at++) if (bits[at] !== 0) return at;
  const far = bits.indexOf(1, near);
  return far === -1 ? bits.length : far;
}

/** @returns the first pixel after `from` that is not set, at most `rowEnd` */
function runEnd(bits: Buffer, from: number, rowEnd: number): number {
  const near = Math.min(from + longRunPx, rowEnd);
  for (let at = from; at < near; at++) if (bits[at] === 0) return at;
  // Of the row only: in a mask that is full the search would go on to its end, for every row.
  const far = bits.subarray(near, rowEnd).indexOf(0);
  return far === -1 ? rowEnd : near + far;
}

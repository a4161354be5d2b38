import { type Mask, maskOf } from './mask.js';

/** COCO's compressed run lengths, as `pycocotools.mask.encode` writes them. */
export interface Rle {
  /** height, width, px */
  readonly size: readonly [number, number];
  readonly counts: string;
}

/** Encodes a mask; {@link decodeRle} gives it back exactly. */
export function encodeRle(mask: Mask): Rle {
  return { size: [mask.frame.height, mask.frame.width], counts: compressCounts(columnRuns(mask)) };
}

/**
 * @throws RangeError when the text is no run lengths, or the runs do not add up to the size
 */
export function decodeRle({ size: [height, width], counts }: Rle): Mask {
  const runs = expandCounts(counts);
  const data = new Uint8Array(width * height);
  let at = 0;
  for (const [i, run] of runs.entries()) {
    if (run < 0 || at + run > data.length) throw new RangeError(`runs do not fit a mask of ${width}×${height}`);
    if (i % 2 === 1) {
      for (let k = at; k < at + run; k++) data[(k % height) * width + Math.floor(k / height)] = 1;
    }
    at += run;
  }
  if (at !== data.length) throw new RangeError(`runs cover ${at} of the ${data.length} px of the mask`);
  return maskOf({ width, height }, data);
}

/** Lengths of runs down the columns, in turn 0 and 1, beginning with 0 (possibly none). */
export function columnRuns({ frame, left, top, width, height, data }: Mask): number[] {
  // Changes are collected row by row, as the mask lies in memory: walking a 4K mask by columns misses the cache each step.
  const starts = new Uint32Array(width + 1);
  forEachChange({ width, height, data }, (x) => {
    starts[x + 1]!++;
  });
  for (let x = 0; x < width; x++) starts[x + 1]! += starts[x]!;
  const changes = new Uint32Array(starts[width]!);
  const next = starts.slice(0, width);
  forEachChange({ width, height, data }, (x, y) => {
    changes[next[x]!++] = (left + x) * frame.height + top + y;
  });
  // Ascending already. A run that ends a column and one that begins the next are one: both changes go.
  const edges: number[] = [];
  for (const change of changes) {
    if (edges.at(-1) === change) edges.pop();
    else edges.push(change);
  }
  const runs: number[] = [];
  let at = 0;
  for (const edge of edges) {
    runs.push(edge - at);
    at = edge;
  }
  const total = frame.width * frame.height;
  if (at < total || runs.length === 0) runs.push(total - at);
  return runs;
}

/** Calls for each px that differs from the one above it; outside the window all is 0. */
function forEachChange(
  { width, height, data }: Pick<Mask, 'width' | 'height' | 'data'>,
  onChange: (x: number, y: number) => void,
): void {
  const outside = new Uint8Array(width);
  let above: Uint8Array = outside;
  for (let y = 0; y <= height; y++) {
    const here = y === height ? outside : data.subarray(y * width, (y + 1) * width);
    for (let x = 0; x < width; x++) {
      if (above[x] !== here[x]) onChange(x, y);
    }
    above = here;
  }
}

/**
 * Run lengths to text: from the fourth on the difference to the one two before; five bits a character, a sixth for
 * "more follows", plus 48. Source: `rleToString` of cocoapi `maskApi.c`.
 */
function compressCounts(runs: readonly number[]): string {
  const codes: number[] = [];
  for (const [i, run] of runs.entries()) {
    let rest = i > 2 ? run - runs[i - 2]! : run;
    let hasMore = true;
    while (hasMore) {
      const bits = rest & 0x1f;
      rest >>= 5;
      hasMore = (bits & 0x10) === 0 ? rest !== 0 : rest !== -1;
      codes.push((hasMore ? bits | 0x20 : bits) + 48);
    }
  }
  // Piecewise: one call with every code as an argument overflows the stack for large masks.
  const pieces: string[] = [];
  for (let i = 0; i < codes.length; i += 4096) pieces.push(String.fromCharCode(...codes.slice(i, i + 4096)));
  return pieces.join('');
}

/** Source: `rleFrString` of cocoapi `maskApi.c`. */
function expandCounts(counts: string): number[] {
  const runs: number[] = [];
  let at = 0;
  while (at < counts.length) {
    let value = 0;
    let shift = 0;
    let bits = 0;
    do {
      bits = counts.charCodeAt(at++) - 48;
      if (!(bits >= 0 && bits < 64) || shift > 30) throw new RangeError('not a text of compressed run lengths');
      value |= (bits & 0x1f) << shift;
      shift += 5;
    } while ((bits & 0x20) !== 0);
    if ((bits & 0x10) !== 0 && shift < 32) value |= -1 << shift;
    runs.push(runs.length > 2 ? value + runs[runs.length - 2]! : value);
  }
  return runs;
}

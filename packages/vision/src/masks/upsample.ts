import type { Window } from './mask.js';

/** Where each output pixel of one axis reads, and how much of each of its two sources. */
export interface BilinearTaps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly firstWeight: Float32Array;
  readonly secondWeight: Float32Array;
}

/**
 * Taps of torch's `interpolate(mode="bilinear", align_corners=False)` in float32, no antialiasing.
 * Source: ATen `area_pixel_compute_source_index`, `compute_source_index_and_lambda`.
 */
export function bilinearTaps(sourceLength: number, length: number): BilinearTaps {
  const first = new Int32Array(length);
  const second = new Int32Array(length);
  const firstWeight = new Float32Array(length);
  const secondWeight = new Float32Array(length);
  const scale = Math.fround(sourceLength / length);
  for (let i = 0; i < length; i++) {
    // Rounded only once the index is off: else the middle px of an enlarged mask weighs its two sources alike, and
    // masks that end there lose or gain a line against the reference.
    const position = Math.max(scale * (i + 0.5) - 0.5, 0);
    const index = Math.min(Math.floor(position), sourceLength - 1);
    first[i] = index;
    second[i] = Math.min(index + 1, sourceLength - 1);
    secondWeight[i] = Math.min(Math.fround(position - index), 1);
    firstWeight[i] = 1 - secondWeight[i]!;
  }
  return { first, second, firstWeight, secondWeight };
}

/** Values of a window of the source grid. */
export interface Plane extends Window {
  /** [height, width] */
  readonly data: Float32Array;
}

/** Wider than any rounding of two products and a sum near the thresholds used here. */
const roundingMargin = 1e-6;

/**
 * Upsamples and compares in one go: 1 where the interpolated value is above the threshold.
 *
 * Many output rows lie between the same two source rows. Where both of those are clearly on one side of the threshold so
 * is all between them; only the other px are computed row by row.
 *
 * @param plane     must cover every source pixel that the window's taps read
 * @param target    window of output px
 * @param threshold 0 or more
 * @returns         data [target.height, target.width], 0 or 1, and how many are 1
 */
export function upsampleAbove(
  plane: Plane,
  { columns, rows }: { columns: BilinearTaps; rows: BilinearTaps },
  target: Window,
  threshold: number,
): { data: Uint8Array; area: number } {
  const { width, height } = target;
  const data = new Uint8Array(width * height);
  const pattern = new Uint8Array(width);
  const undecided = new Int32Array(width);
  const surelyAbove = threshold + roundingMargin;
  const surelyNotAbove = Math.max(threshold - roundingMargin, 0);
  let area = 0;
  let upper = { y: -1, values: new Float32Array(width) };
  let lower = { y: -1, values: new Float32Array(width) };
  for (let y = 0; y < height; ) {
    const upperY = rows.first[target.top + y]!;
    const lowerY = rows.second[target.top + y]!;
    // When the source moves on by one row, the lower row becomes the upper one.
    if (lower.y === upperY) [upper, lower] = [lower, upper];
    if (upper.y !== upperY) spreadRow(plane, upperY, columns, target.left, upper.values);
    spreadRow(plane, lowerY, columns, target.left, lower.values);
    upper.y = upperY;
    lower.y = lowerY;
    const a = upper.values;
    const b = lower.values;
    let patternArea = 0;
    let undecidedCount = 0;
    for (let x = 0; x < width; x++) {
      const isAbove = a[x]! > surelyAbove && b[x]! > surelyAbove;
      pattern[x] = isAbove ? 1 : 0;
      if (isAbove) patternArea++;
      else if (!(a[x]! <= surelyNotAbove && b[x]! <= surelyNotAbove)) undecided[undecidedCount++] = x;
    }
    for (; y < height && rows.first[target.top + y] === upperY && rows.second[target.top + y] === lowerY; y++) {
      const wa = rows.firstWeight[target.top + y]!;
      const wb = rows.secondWeight[target.top + y]!;
      const at = y * width;
      data.set(pattern, at);
      area += patternArea;
      for (let i = 0; i < undecidedCount; i++) {
        const x = undecided[i]!;
        if (Math.fround(Math.fround(a[x]! * wa) + Math.fround(b[x]! * wb)) > threshold) {
          data[at + x] = 1;
          area++;
        }
      }
    }
  }
  return { data, area };
}

/** One source row at output width. */
function spreadRow(plane: Plane, y: number, columns: BilinearTaps, left: number, values: Float32Array): void {
  const { first, second, firstWeight, secondWeight } = columns;
  const start = (y - plane.top) * plane.width - plane.left;
  for (let x = 0; x < values.length; x++) {
    const i = left + x;
    const a = Math.fround(plane.data[start + first[i]!]! * firstWeight[i]!);
    values[x] = a + Math.fround(plane.data[start + second[i]!]! * secondWeight[i]!);
  }
}

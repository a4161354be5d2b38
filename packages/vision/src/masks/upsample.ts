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

/**
 * Upsamples and compares in one go: 1 where the interpolated value is above the threshold.
 *
 * @param plane  must cover every source pixel that the window's taps read
 * @param target window of output px
 * @returns      [target.height, target.width], 0 or 1
 */
export function upsampleAbove(
  plane: Plane,
  { columns, rows }: { columns: BilinearTaps; rows: BilinearTaps },
  target: Window,
  threshold: number,
): Uint8Array {
  const { width, height } = target;
  const result = new Uint8Array(width * height);
  let upper = { y: -1, values: new Float32Array(width) };
  let lower = { y: -1, values: new Float32Array(width) };
  for (let y = 0; y < height; y++) {
    const upperY = rows.first[target.top + y]!;
    const lowerY = rows.second[target.top + y]!;
    // The source moves on slowly: most output rows lie between the same two source rows.
    if (upper.y !== upperY) {
      if (lower.y === upperY) [upper, lower] = [lower, upper];
      else spreadRow(plane, upperY, columns, target.left, upper.values);
      upper.y = upperY;
    }
    if (lower.y !== lowerY) {
      if (lowerY === upperY) lower.values.set(upper.values);
      else spreadRow(plane, lowerY, columns, target.left, lower.values);
      lower.y = lowerY;
    }
    const a = upper.values;
    const b = lower.values;
    const wa = rows.firstWeight[target.top + y]!;
    const wb = rows.secondWeight[target.top + y]!;
    const at = y * width;
    for (let x = 0; x < width; x++) {
      const value = Math.fround(Math.fround(a[x]! * wa) + Math.fround(b[x]! * wb));
      result[at + x] = value > threshold ? 1 : 0;
    }
  }
  return result;
}

function spreadRow(plane: Plane, y: number, columns: BilinearTaps, left: number, values: Float32Array): void {
  const { first, second, firstWeight, secondWeight } = columns;
  const start = (y - plane.top) * plane.width - plane.left;
  for (let x = 0; x < values.length; x++) {
    const i = left + x;
    const a = Math.fround(plane.data[start + first[i]!]! * firstWeight[i]!);
    values[x] = a + Math.fround(plane.data[start + second[i]!]! * secondWeight[i]!);
  }
}

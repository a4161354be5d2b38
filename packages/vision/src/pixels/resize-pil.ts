import { assertRgbImage, assertSize, type RgbImage, type Size } from './image.js';

/** Pillow's `Image.Resampling`, by name. */
export type PilFilter = 'nearest' | 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';

/** Pillow rounds weights to 32 - 8 - 2 bits: eight for the bytes, two for overshoot. */
const weightBits = 22;
const half = 1 << (weightBits - 1);

/**
 * Resizes as `PIL.Image.resize(size, resample)` does for RGB, to the last bit: antialiased when shrinking (the filter is
 * stretched by the scale), across rows first, rounded to bytes after each pass; `nearest` picks single pixels.
 * An equal size is a copy.
 *
 * Source: Pillow `src/libImaging/Resample.c`, for `nearest` `ImagingScaleAffine` in `Geometry.c`.
 *
 * @throws RangeError for a picture or a size that is not positive and whole
 */
export function resizePil(image: RgbImage, size: Size, filter: PilFilter): RgbImage {
  assertRgbImage(image);
  assertSize(size);
  if (filter === 'nearest') return pickNearest(image, size);
  const across = image.width === size.width ? image : resizeAcross(image, size.width, kernels[filter]);
  const down = image.height === size.height ? across : resizeDown(across, size.height, kernels[filter]);
  return down === image ? { ...size, data: Uint8Array.from(image.data) } : down;
}

interface Kernel {
  /** half the width, source px at scale 1 */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const kernels: Record<Exclude<PilFilter, 'nearest'>, Kernel> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(1 - Math.abs(x), 0) },
  hamming: {
    support: 1,
    weight: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(x * Math.PI))),
  },
  bicubic: { support: 2, weight: (x) => cubic(Math.abs(x), -0.5) },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

function cubic(x: number, a: number): number {
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

interface Weights {
  /** taps an output pixel has room for */
  readonly stride: number;
  /** [length] first source pixel */
  readonly first: Int32Array;
  /** [length] source pixels used */
  readonly count: Int32Array;
  /** [length, stride] in 1/2²² */
  readonly values: Int32Array;
}

function weightsOf(sourceLength: number, length: number, { support, weight }: Kernel): Weights {
  const scale = sourceLength / length;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  const stride = Math.ceil(reach) * 2 + 1;
  const first = new Int32Array(length);
  const count = new Int32Array(length);
  const values = new Int32Array(length * stride);
  const exact = new Float64Array(stride);
  for (let i = 0; i < length; i++) {
    const centre = (i + 0.5) * scale;
    const from = Math.max(Math.trunc(centre - reach + 0.5), 0);
    const taps = Math.min(Math.trunc(centre + reach + 0.5), sourceLength) - from;
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      exact[k] = weight((k + from - centre + 0.5) * (1 / stretch));
      sum += exact[k]!;
    }
    for (let k = 0; k < taps; k++) {
      const scaled = (sum === 0 ? exact[k]! : exact[k]! / sum) * 2 ** weightBits;
      values[i * stride + k] = Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    }
    first[i] = from;
    count[i] = taps;
  }
  return { stride, first, count, values };
}

/** Two rows at a time: each weight is read once for both. */
function resizeAcross({ width, height, data }: RgbImage, targetWidth: number, kernel: Kernel): RgbImage {
  const { stride, first, count, values } = weightsOf(width, targetWidth, kernel);
  // A clamped array does the clip to 0…255; the shift has made whole numbers before.
  const result = new Uint8ClampedArray(targetWidth * height * 3);
  const rowBytes = width * 3;
  const targetRowBytes = targetWidth * 3;
  for (let y = 0; y < height; y += 2) {
    // The last row of an odd number of them is its own second.
    const rowsDown = y + 1 < height ? 1 : 0;
    const toLower = rowsDown * rowBytes;
    let upper = y * targetRowBytes;
    let lower = upper + rowsDown * targetRowBytes;
    for (let x = 0; x < targetWidth; x++, upper += 3, lower += 3) {
      let red = half;
      let green = half;
      let blue = half;
      let redBelow = half;
      let greenBelow = half;
      let blueBelow = half;
      let from = y * rowBytes + first[x]! * 3;
      const start = x * stride;
      const end = start + count[x]!;
      for (let k = start; k < end; k++, from += 3) {
        const weight = values[k]!;
        const below = from + toLower;
        red += Math.imul(data[from]!, weight);
        green += Math.imul(data[from + 1]!, weight);
        blue += Math.imul(data[from + 2]!, weight);
        redBelow += Math.imul(data[below]!, weight);
        greenBelow += Math.imul(data[below + 1]!, weight);
        blueBelow += Math.imul(data[below + 2]!, weight);
      }
      result[upper] = red >> weightBits;
      result[upper + 1] = green >> weightBits;
      result[upper + 2] = blue >> weightBits;
      result[lower] = redBelow >> weightBits;
      result[lower + 1] = greenBelow >> weightBits;
      result[lower + 2] = blueBelow >> weightBits;
    }
  }
  return { width: targetWidth, height, data: result };
}

/** Two source rows at a time: each sum is read and written once for both. */
function resizeDown({ width, height, data }: RgbImage, targetHeight: number, kernel: Kernel): RgbImage {
  const { stride, first, count, values } = weightsOf(height, targetHeight, kernel);
  const rowBytes = width * 3;
  const result = new Uint8ClampedArray(rowBytes * targetHeight);
  const sums = new Int32Array(rowBytes);
  for (let y = 0; y < targetHeight; y++) {
    sums.fill(half);
    const taps = count[y]!;
    for (let k = 0; k < taps; k += 2) {
      const hasSecond = k + 1 < taps;
      const weight = values[y * stride + k]!;
      const secondWeight = hasSecond ? values[y * stride + k + 1]! : 0;
      const upper = (first[y]! + k) * rowBytes;
      const lower = hasSecond ? upper + rowBytes : upper;
      for (let i = 0; i < rowBytes; i++) {
        sums[i]! += Math.imul(data[upper + i]!, weight) + Math.imul(data[lower + i]!, secondWeight);
      }
    }
    const to = y * rowBytes;
    for (let i = 0; i < rowBytes; i++) result[to + i] = sums[i]! >> weightBits;
  }
  return { width, height: targetHeight, data: result };
}

function pickNearest(image: RgbImage, { width, height }: Size): RgbImage {
  const columns = nearestIndices(image.width, width);
  const rows = nearestIndices(image.height, height);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    const rowStart = rows[y]! * image.width * 3;
    for (let x = 0; x < width; x++, at += 3) {
      const from = rowStart + columns[x]! * 3;
      data[at] = image.data[from]!;
      data[at + 1] = image.data[from + 1]!;
      data[at + 2] = image.data[from + 2]!;
    }
  }
  return { width, height, data };
}

function nearestIndices(sourceLength: number, length: number): Int32Array {
  const step = sourceLength / length;
  const indices = new Int32Array(length);
  // Pillow adds the step up instead of multiplying; its rounding is part of the result.
  let position = step * 0.5;
  for (let i = 0; i < length; i++) {
    indices[i] = Math.min(Math.trunc(position), sourceLength - 1);
    position += step;
  }
  return indices;
}

import { assertRgbImage, assertSize, type RgbImage, type Size } from './image.js';
import { resizeAcross, resizeDown } from './pil-passes.js';
import { type WeighingFilter, weightsOf } from './pil-weights.js';

/** Pillow's `Image.Resampling`, by name. */
export type PilFilter = 'nearest' | WeighingFilter;

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
  const { width, height } = size;
  const across = image.width === width ? image : resizeAcross(image, weightsOf(image.width, width, filter));
  const down = image.height === height ? across : resizeDown(across, weightsOf(image.height, height, filter));
  return down === image ? { ...size, data: Uint8Array.from(image.data) } : down;
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

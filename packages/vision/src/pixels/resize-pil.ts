import { assertRgbImage, assertSize, type RgbImage, type Size } from './image.js';
import { resizeAcross, resizeDown } from './pil-passes.js';
import { type Span, type WeighingFilter, type Weights, weightsOf } from './pil-weights.js';

/** Pillow's `Image.Resampling`, by name. */
export type PilFilter = 'nearest' | WeighingFilter;

/** A part of a picture: its columns and rows, px. */
export interface Part {
  readonly columns: Span;
  readonly rows: Span;
}

/**
 * Resizes as `PIL.Image.resize(size, resample)` does for RGB, to the last bit: antialiased when shrinking (the filter is
 * stretched by the scale), across rows first, rounded to bytes after each pass; `nearest` picks single pixels.
 * An equal size is a copy.
 *
 * Source: Pillow `src/libImaging/Resample.c`, for `nearest` `ImagingScaleAffine` in `Geometry.c`.
 *
 * @param part of the resized picture that is wanted, inside of it; the rest is not made. All of it by default
 * @returns the part
 * @throws RangeError for a picture or a size that is not positive and whole
 */
export function resizePil(image: RgbImage, size: Size, filter: PilFilter, part: Part = wholeOf(size)): RgbImage {
  assertRgbImage(image);
  assertSize(size);
  const { columns, rows } = part;
  if (filter === 'nearest') return pickNearest(image, size, part);
  const down = image.height === size.height ? null : weightsOf(image.height, size.height, filter, rows);
  const across = image.width === size.width ? null : weightsOf(image.width, size.width, filter, columns);
  // Rows that the second pass does not read need not go through the first.
  const read = down ? spanRead(down) : rows;
  const band = rowsOf(image, read);
  const narrow = across ? resizeAcross(band, across) : columnsOf(band, columns);
  return down ? resizeDown(narrow, countedFrom(read.from, down)) : narrow;
}

const wholeOf = ({ width, height }: Size): Part => ({
  columns: { from: 0, length: width },
  rows: { from: 0, length: height },
});

/** The source pixels that weights are for. */
function spanRead({ first, count }: Weights): Span {
  const from = first[0]!;
  return { from, length: first.at(-1)! + count.at(-1)! - from };
}

/** The same weights for a source that begins at this pixel. */
const countedFrom = (from: number, weights: Weights): Weights => ({
  ...weights,
  first: weights.first.map((index) => index - from),
});

/** A view, not a copy. */
const rowsOf = ({ width, data }: RgbImage, { from, length }: Span): RgbImage => ({
  width,
  height: length,
  data: data.subarray(from * width * 3, (from + length) * width * 3),
});

/** A copy. */
function columnsOf({ width, height, data }: RgbImage, { from, length }: Span): RgbImage {
  if (length === width) return { width, height, data: Uint8Array.from(data) };
  const cut = new Uint8Array(length * height * 3);
  for (let y = 0; y < height; y++) {
    const start = (y * width + from) * 3;
    cut.set(data.subarray(start, start + length * 3), y * length * 3);
  }
  return { width: length, height, data: cut };
}

function pickNearest(image: RgbImage, size: Size, part: Part): RgbImage {
  const columns = nearestIndices(image.width, size.width, part.columns);
  const rows = nearestIndices(image.height, size.height, part.rows);
  const [width, height] = [columns.length, rows.length];
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

function nearestIndices(sourceLength: number, length: number, span: Span): Int32Array {
  const step = sourceLength / length;
  const indices = new Int32Array(span.length);
  // Pillow adds the step up instead of multiplying; its rounding is part of the result.
  let position = step * 0.5;
  for (let i = 0; i < span.from; i++) position += step;
  for (let i = 0; i < span.length; i++) {
    indices[i] = Math.min(Math.trunc(position), sourceLength - 1);
    position += step;
  }
  return indices;
}

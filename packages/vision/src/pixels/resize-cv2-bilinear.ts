import { roundHalfEven } from '../round-half-even.js';
import { assertRgbImage, assertSize, type RgbImage, type Size } from './image.js';

/**
 * Receives one finished row of the resized picture, top to bottom.
 * @param row [width, 3] bytes, overwritten before the next call
 */
export type RowSink = (row: Uint8Array | Uint8ClampedArray, y: number) => void;

/** Weights are whole numbers of 1/2048 (OpenCV's INTER_RESIZE_COEF_SCALE). */
const weightScale = 2048;

/**
 * Resizes as `cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)` does for 8-bit pictures, to the last bit.
 * No antialiasing when shrinking. An equal size is a copy.
 *
 * @throws RangeError for a picture or a size that is not positive and whole
 */
export function resizeCv2Bilinear(image: RgbImage, size: Size): RgbImage {
  const { width, height } = size;
  assertSize(size);
  const data = new Uint8Array(width * height * 3);
  const rowBytes = width * 3;
  resizeCv2BilinearRows(image, size, (row, y) => data.set(row, y * rowBytes));
  return { width, height, data };
}

/**
 * The kernel of {@link resizeCv2Bilinear}, row by row, so that a caller can place rows without a picture in between.
 *
 * Source: OpenCV `modules/imgproc/src/resize.cpp`: `HResizeLinear`, `VResizeLinear<uchar, int, short>`, and
 * `ResizeAreaFast` for an exact halving of both sides, which OpenCV answers with a mean of 2×2.
 */
export function resizeCv2BilinearRows(image: RgbImage, size: Size, sink: RowSink): void {
  assertRgbImage(image);
  assertSize(size);
  if (image.width === size.width && image.height === size.height) copyRows(image, sink);
  else if (image.width === size.width * 2 && image.height === size.height * 2) halveRows(image, size, sink);
  else interpolateRows(image, size, sink);
}

function copyRows({ width, height, data }: RgbImage, sink: RowSink): void {
  const rowBytes = width * 3;
  for (let y = 0; y < height; y++) sink(data.subarray(y * rowBytes, (y + 1) * rowBytes), y);
}

function halveRows(image: RgbImage, { width, height }: Size, sink: RowSink): void {
  const { data } = image;
  const sourceRowBytes = image.width * 3;
  const row = new Uint8Array(width * 3);
  for (let y = 0; y < height; y++) {
    let upper = y * 2 * sourceRowBytes;
    let lower = upper + sourceRowBytes;
    for (let at = 0; at < row.length; at += 3, upper += 6, lower += 6) {
      row[at] = (data[upper]! + data[upper + 3]! + data[lower]! + data[lower + 3]! + 2) >> 2;
      row[at + 1] = (data[upper + 1]! + data[upper + 4]! + data[lower + 1]! + data[lower + 4]! + 2) >> 2;
      row[at + 2] = (data[upper + 2]! + data[upper + 5]! + data[lower + 2]! + data[lower + 5]! + 2) >> 2;
    }
    sink(row, y);
  }
}

function interpolateRows(image: RgbImage, { width, height }: Size, sink: RowSink): void {
  const columns = clampedTaps(image.width, width);
  const lines = taps(image.height, height);
  const row = new Uint8Array(width * 3);
  const lastY = image.height - 1;
  for (let y = 0; y < height; y++) {
    const upperY = lines.first[y]!;
    const weights = { upper: lines.firstWeight[y]!, lower: lines.secondWeight[y]! };
    blendRows(image, { upperY: clamp(upperY, lastY), lowerY: clamp(upperY + 1, lastY) }, weights, columns, row);
    sink(row, y);
  }
}

const clamp = (index: number, last: number) => Math.min(Math.max(index, 0), last);

interface Taps {
  /** index of the first of the two source pixels; may lie one outside */
  readonly first: Int32Array;
  readonly firstWeight: Int32Array;
  readonly secondWeight: Int32Array;
}

function taps(sourceLength: number, length: number): Taps {
  const first = new Int32Array(length);
  const firstWeight = new Int32Array(length);
  const secondWeight = new Int32Array(length);
  const scale = 1 / (length / sourceLength);
  for (let i = 0; i < length; i++) {
    const position = Math.fround((i + 0.5) * scale - 0.5);
    const floor = Math.floor(position);
    const fraction = Math.fround(position - floor);
    first[i] = floor;
    firstWeight[i] = roundHalfEven(Math.fround(1 - fraction) * weightScale);
    secondWeight[i] = roundHalfEven(fraction * weightScale);
  }
  return { first, firstWeight, secondWeight };
}

/** Across a row OpenCV gives a tap outside the picture the weight 0; down a column it repeats the border row. */
function clampedTaps(sourceLength: number, length: number): Taps {
  const result = taps(sourceLength, length);
  const last = sourceLength - 1;
  for (let i = 0; i < length; i++) {
    const index = result.first[i]!;
    if (index >= 0 && index < last) continue;
    result.first[i] = index < 0 ? 0 : last;
    result.firstWeight[i] = weightScale;
    result.secondWeight[i] = 0;
  }
  return result;
}

/**
 * One row of the resized picture. Sums of a source row are not kept for the next: when enlarging that would save half of the
 * products, but writing and reading them costs as much.
 */
function blendRows(
  { width, data }: RgbImage,
  { upperY, lowerY }: { upperY: number; lowerY: number },
  { upper: wu, lower: wl }: { upper: number; lower: number },
  { first, firstWeight, secondWeight }: Taps,
  row: Uint8Array,
): void {
  const upperStart = upperY * width * 3;
  const lowerStart = lowerY * width * 3;
  const lastX = width - 1;
  for (let x = 0, at = 0; x < first.length; x++, at += 3) {
    const left = first[x]!;
    const toRight = left < lastX ? 3 : 0;
    const wa = firstWeight[x]!;
    const wb = secondWeight[x]!;
    const a = upperStart + left * 3;
    const b = a + toRight;
    const c = lowerStart + left * 3;
    const d = c + toRight;
    const red = (wu * ((data[a]! * wa + data[b]! * wb) >> 4)) >> 16;
    const green = (wu * ((data[a + 1]! * wa + data[b + 1]! * wb) >> 4)) >> 16;
    const blue = (wu * ((data[a + 2]! * wa + data[b + 2]! * wb) >> 4)) >> 16;
    row[at] = (red + ((wl * ((data[c]! * wa + data[d]! * wb) >> 4)) >> 16) + 2) >> 2;
    row[at + 1] = (green + ((wl * ((data[c + 1]! * wa + data[d + 1]! * wb) >> 4)) >> 16) + 2) >> 2;
    row[at + 2] = (blue + ((wl * ((data[c + 2]! * wa + data[d + 2]! * wb) >> 4)) >> 16) + 2) >> 2;
  }
}

import { roundHalfEven } from '../round-half-even.js';
import { assertRgbImage, assertSize, type RgbImage, type Size } from './image.js';
import type { Span } from './pil-weights.js';
import { type PilFilter, resizePil } from './resize-pil.js';

export interface CenterCropOptions extends Size {
  /** colour where the picture is smaller than the crop */
  readonly fill: readonly [number, number, number];
  /**
   * which way an odd rest goes: `half-even` is torchvision's and timm's `round((x - S) / 2)`, `down` is
   * transformers' `int((x - S) / 2)`
   */
  readonly oddRest: 'half-even' | 'down';
}

/**
 * Cuts the middle out of a picture; a side that is too short is padded first, the odd pixel going right or below.
 *
 * Source: torchvision `center_crop`, timm `center_crop_or_pad`.
 *
 * @throws RangeError for a picture or a size that is not positive and whole
 */
export function centerCrop(image: RgbImage, options: CenterCropOptions): RgbImage {
  assertRgbImage(image);
  const { columns, rows } = cutsOf(image, options);
  const part = new Uint8Array(columns.length * rows.length * 3);
  for (let y = 0; y < rows.length; y++) {
    const from = ((rows.from + y) * image.width + columns.from) * 3;
    part.set(image.data.subarray(from, from + columns.length * 3), y * columns.length * 3);
  }
  return padded({ width: columns.length, height: rows.length, data: part }, { columns, rows }, options);
}

/**
 * `resizePil` followed by `centerCrop`, which makes no more of the resized picture than the crop takes: of a long and thin
 * one, whose short side is brought to the crop's, the whole may be larger than any memory.
 *
 * @param size of the whole resized picture
 * @throws RangeError for a picture or a size that is not positive and whole
 */
export function resizeAndCrop(image: RgbImage, size: Size, filter: PilFilter, crop: CenterCropOptions): RgbImage {
  assertSize(size);
  const cuts = cutsOf(size, crop);
  return padded(resizePil(image, size, filter, cuts), cuts, crop);
}

/** What of one axis is taken, and where it lands. */
interface Cut extends Span {
  readonly to: number;
}

interface Cuts {
  readonly columns: Cut;
  readonly rows: Cut;
}

function cutsOf(source: Size, { width, height, oddRest }: CenterCropOptions): Cuts {
  assertSize({ width, height });
  return { columns: cut(source.width, width, oddRest), rows: cut(source.height, height, oddRest) };
}

function cut(source: number, target: number, oddRest: CenterCropOptions['oddRest']): Cut {
  if (source <= target) return { from: 0, to: Math.floor((target - source) / 2), length: source };
  const offset = (source - target) / 2;
  return { from: oddRest === 'half-even' ? roundHalfEven(offset) : Math.floor(offset), to: 0, length: target };
}

/** What was taken, on the crop's own area. */
function padded(part: RgbImage, { columns, rows }: Cuts, { width, height, fill }: CenterCropOptions): RgbImage {
  if (part.width === width && part.height === height) return part;
  const data = new Uint8Array(width * height * 3);
  fillWith(data, fill);
  const rowBytes = part.width * 3;
  for (let y = 0; y < part.height; y++)
    data.set(part.data.subarray(y * rowBytes, (y + 1) * rowBytes), ((rows.to + y) * width + columns.to) * 3);
  return { width, height, data };
}

function fillWith(data: Uint8Array, [red, green, blue]: CenterCropOptions['fill']): void {
  for (let i = 0; i < data.length; i += 3) {
    data[i] = red;
    data[i + 1] = green;
    data[i + 2] = blue;
  }
}

import { roundHalfEven } from '../round-half-even.js';
import { assertRgbImage, assertSize, type RgbImage, type Size } from './image.js';

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
export function centerCrop(image: RgbImage, { width, height, fill, oddRest }: CenterCropOptions): RgbImage {
  assertRgbImage(image);
  assertSize({ width, height });
  const column = cut(image.width, width, oddRest);
  const row = cut(image.height, height, oddRest);
  const data = new Uint8Array(width * height * 3);
  if (column.length < width || row.length < height) fillWith(data, fill);
  for (let y = 0; y < row.length; y++) {
    const from = ((row.from + y) * image.width + column.from) * 3;
    data.set(image.data.subarray(from, from + column.length * 3), ((row.to + y) * width + column.to) * 3);
  }
  return { width, height, data };
}

/** What of one axis is taken, and where it lands. */
function cut(source: number, target: number, oddRest: CenterCropOptions['oddRest']) {
  if (source <= target) return { from: 0, to: Math.floor((target - source) / 2), length: source };
  const offset = (source - target) / 2;
  return { from: oddRest === 'half-even' ? roundHalfEven(offset) : Math.floor(offset), to: 0, length: target };
}

function fillWith(data: Uint8Array, [red, green, blue]: CenterCropOptions['fill']): void {
  for (let i = 0; i < data.length; i += 3) {
    data[i] = red;
    data[i + 1] = green;
    data[i + 2] = blue;
  }
}

import { roundHalfEven } from '../round-half-even.js';
import { resizeAndCrop } from './crop.js';
import { assertSize, type RgbImage, type Size } from './image.js';
import type { PilFilter } from './resize-pil.js';

/** The keys of timm's `pretrained_cfg` that decide which pixels a model sees. */
export interface TimmInputOptions extends Size {
  /**
   * `center`: short side to the scaled size, middle cut out; `squash`: both sides, proportions lost; `border`: long side,
   * the rest padded with the mean colour
   */
  readonly cropMode: 'center' | 'squash' | 'border';
  /** share of the resized picture that the model sees, above 0; more than 1 pads */
  readonly cropPct: number;
  readonly interpolation: PilFilter;
  /** per channel, 0…1: the border's colour */
  readonly mean: readonly [number, number, number];
}

/**
 * Resizes and crops a picture as timm's evaluation transform does (`transforms_imagenet_eval`).
 * The tensor follows with `toChw(…, { mean, std })`.
 *
 * @throws RangeError for a picture, a size or a `cropPct` that is not positive
 */
export function timmInput(image: RgbImage, options: TimmInputOptions): RgbImage {
  const { width, height, cropMode, interpolation, mean } = options;
  // torchvision's CenterCrop pads with black where crop_pct above 1 leaves the picture smaller than the input.
  const fill = cropMode === 'border' ? ([borderOf(mean[0]), borderOf(mean[1]), borderOf(mean[2])] as const) : black;
  const size = timmResizedSize(image, options);
  return resizeAndCrop(image, size, interpolation, { width, height, fill, oddRest: 'half-even' });
}

const black = [0, 0, 0] as const;

function borderOf(mean: number): number {
  return roundHalfEven(255 * mean);
}

function timmResizedSize(image: Size, { width, height, cropMode, cropPct }: TimmInputOptions): Size {
  assertSize({ width, height });
  if (!(cropPct > 0)) throw new RangeError(`cropPct must be above 0, not ${cropPct}`);
  const scaled = { width: Math.floor(width / cropPct), height: Math.floor(height / cropPct) };
  if (cropMode === 'squash') return atLeastOne(scaled);
  const ratios = [image.height / scaled.height, image.width / scaled.width] as const;
  if (cropMode === 'center' && scaled.width === scaled.height) return shortestEdgeSize(image, scaled.width);
  const ratio = cropMode === 'border' ? Math.max(...ratios) : Math.min(...ratios);
  return atLeastOne({ width: roundHalfEven(image.width / ratio), height: roundHalfEven(image.height / ratio) });
}

/** torchvision's `Resize(int)`: the short side becomes `edge`, the long one is cut to whole px. */
export function shortestEdgeSize({ width, height }: Size, edge: number): Size {
  const long = Math.trunc((edge * Math.max(width, height)) / Math.min(width, height));
  return atLeastOne(width <= height ? { width: edge, height: long } : { width: long, height: edge });
}

/** A very long picture keeps one pixel of its short side. */
function atLeastOne({ width, height }: Size): Size {
  return { width: Math.max(width, 1), height: Math.max(height, 1) };
}

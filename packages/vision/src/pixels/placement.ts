import { roundHalfEven } from '../round-half-even.js';
import type { Size } from './image.js';

/** Where a picture lies inside a model's input: all that is needed to bring results back to the picture. */
export interface Placement {
  /** px of the picture */
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** px of the model's input */
  readonly inputWidth: number;
  readonly inputHeight: number;
  /** input px per picture px, the same on both axes */
  readonly gain: number;
  /** whole px left of and above the picture: what boxes are shifted by */
  readonly padX: number;
  readonly padY: number;
  /** the same before rounding (…5 when the padding is odd): what keypoints and polygons are shifted by */
  readonly padXExact: number;
  readonly padYExact: number;
}

/**
 * The placement that Ultralytics assumes when it brings results back (`scale_boxes`, `scale_coords`): it derives gain
 * and padding from the two sizes alone.
 *
 * @param image the picture's size, px
 * @param input the model input's size, px
 */
export function placementOf(image: Size, input: Size): Placement {
  const gain = Math.min(input.height / image.height, input.width / image.width);
  const padXExact = (input.width - resizedLength(image.width, gain)) / 2;
  const padYExact = (input.height - resizedLength(image.height, gain)) / 2;
  return {
    imageWidth: image.width,
    imageHeight: image.height,
    inputWidth: input.width,
    inputHeight: input.height,
    gain,
    padX: roundHalfEven(padXExact - 0.1),
    padY: roundHalfEven(padYExact - 0.1),
    padXExact,
    padYExact,
  };
}

/** A side of the picture inside the input, px. One pixel at least: a very long picture must not lose its short side. */
export function resizedLength(length: number, gain: number): number {
  return Math.max(roundHalfEven(length * gain), 1);
}

import type { Placement } from '../pixels/placement.js';

/**
 * Boxes in model pixels to picture pixels, clipped to the picture: Ultralytics' `scale_boxes`, in float32.
 *
 * @param boxes [n, 4] x1, y1, x2, y2, model px
 * @returns     [n, 4] x1, y1, x2, y2, picture px
 */
export function unletterboxBoxes(boxes: Float32Array, placement: Placement): Float32Array {
  const { padX, padY } = placement;
  return unplace(boxes, placement, { padX, padY });
}

/**
 * Points in model pixels to picture pixels, clipped to the picture: Ultralytics' `scale_coords`, in float32. It takes
 * the padding unrounded, so points lie half a pixel from boxes where the padding is odd.
 *
 * @param points [n, 2] x, y, model px
 * @returns      [n, 2] x, y, picture px
 */
export function unletterboxPoints(points: Float32Array, placement: Placement): Float32Array {
  return unplace(points, placement, { padX: placement.padXExact, padY: placement.padYExact });
}

function unplace(
  values: Float32Array,
  { gain, imageWidth, imageHeight }: Placement,
  { padX, padY }: { padX: number; padY: number },
): Float32Array {
  const scale = Math.fround(gain);
  const result = new Float32Array(values.length);
  for (let i = 0; i + 1 < values.length; i += 2) {
    result[i] = clip(Math.fround(Math.fround(values[i]! - padX) / scale), imageWidth);
    result[i + 1] = clip(Math.fround(Math.fround(values[i + 1]! - padY) / scale), imageHeight);
  }
  return result;
}

/** NaN stays NaN, as in torch's clamp. */
function clip(value: number, max: number): number {
  return Math.max(0, Math.min(value, max));
}

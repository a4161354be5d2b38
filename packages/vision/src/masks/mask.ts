import type { Size } from '../pixels/image.js';

/**
 * A binary mask that holds only the part where it can be set: on a 4K picture three hundred whole masks are 2.5 GB,
 * their windows a fraction of it.
 */
export interface Mask {
  /** px of the picture (or model input) that the mask lies in */
  readonly frame: Size;
  /** px of the window inside the frame; everything outside is 0 */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** [height, width] of the window, 0 or 1 */
  readonly data: Uint8Array;
  /** px set */
  readonly area: number;
}

/**
 * A mask of a whole frame.
 *
 * @param data [height, width], 0 or not
 * @throws RangeError when `data` does not fit the frame
 */
export function maskOf(frame: Size, data: ArrayLike<number>): Mask {
  if (data.length !== frame.width * frame.height) {
    throw new RangeError(`a mask of ${frame.width}×${frame.height} has not ${data.length} values`);
  }
  const bits = new Uint8Array(data.length);
  let area = 0;
  for (let i = 0; i < bits.length; i++) {
    if (data[i] === 0) continue;
    bits[i] = 1;
    area++;
  }
  return windowMask(frame, { left: 0, top: 0, ...frame }, { data: bits, area });
}

/** @returns [frame.height, frame.width], 0 or 1 */
export function wholeMask({ frame, left, top, width, height, data }: Mask): Uint8Array {
  const whole = new Uint8Array(frame.width * frame.height);
  for (let y = 0; y < height; y++) {
    whole.set(data.subarray(y * width, (y + 1) * width), (top + y) * frame.width + left);
  }
  return whole;
}

/** A rectangle of whole px. */
export interface Window extends Size {
  readonly left: number;
  readonly top: number;
}

/** A mask from the px of its window: `data` [window.height, window.width], 0 or 1, `area` of them 1. */
export function windowMask(
  { width: frameWidth, height: frameHeight }: Size,
  { left, top, width, height }: Window,
  { data, area }: { data: Uint8Array; area: number },
): Mask {
  return { frame: { width: frameWidth, height: frameHeight }, left, top, width, height, data, area };
}

/** A mask with nothing set. */
export function emptyMask(frame: Size): Mask {
  return windowMask(frame, { left: 0, top: 0, width: 0, height: 0 }, { data: new Uint8Array(0), area: 0 });
}

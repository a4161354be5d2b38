/** A picture in memory: rows from the top, three bytes (red, green, blue) a pixel, no padding between rows. */
export interface RgbImage {
  /** px, at least 1 */
  readonly width: number;
  /** px, at least 1 */
  readonly height: number;
  /** [height, width, 3] */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Width and height in px. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * @throws RangeError when a side is not a positive whole number or `data` has not exactly three bytes a pixel
 */
export function assertRgbImage(image: RgbImage): void {
  assertSize(image);
  const bytes = image.width * image.height * 3;
  if (image.data.length !== bytes) {
    throw new RangeError(
      `an RGB picture of ${image.width}×${image.height} has ${bytes} bytes, not ${image.data.length}`,
    );
  }
}

/** @throws RangeError when a side is not a positive whole number */
export function assertSize({ width, height }: Size): void {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(`width and height must be positive whole numbers, not ${width}×${height}`);
  }
}

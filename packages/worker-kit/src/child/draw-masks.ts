import type { Rgb } from '@lensgate/vision';
import type { RgbaImage } from './rgba-image.js';

/** A binary mask within a region of the picture, so that many instances need no whole picture each. */
export interface RegionMask {
  /** The region's corner in the picture, whole px. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** [height, width]; anything but 0 belongs to the instance. */
  data: Uint8Array;
}

/**
 * Mixes a colour into the picture under a mask, in place, cut to the picture.
 * @param opacity 0 (nothing) … 1 (only the colour)
 */
export function blendMask(image: RgbaImage, mask: RegionMask, colour: Rgb, opacity: number): void {
  const weight = Math.round(Math.min(1, Math.max(0, opacity)) * 256);
  const [red, green, blue] = colour.map((value) => value * weight + 128) as [number, number, number];
  const keep = 256 - weight;
  const { data } = image;
  forEachRow(image, mask, (maskAt, imageAt, pixels) => {
    for (let from = maskAt, to = imageAt; from < maskAt + pixels; from++, to += 4) {
      if (mask.data[from] === 0) continue;
      data[to] = (data[to]! * keep + red) >> 8;
      data[to + 1] = (data[to + 1]! * keep + green) >> 8;
      data[to + 2] = (data[to + 2]! * keep + blue) >> 8;
    }
  });
}

/** Paints the mask's rim, `thicknessPx` wide and inside the mask, in place. */
export function outlineMask(image: RgbaImage, mask: RegionMask, colour: Rgb, thicknessPx: number): void {
  const { width, height, data: bits } = mask;
  forEachRow(image, mask, (maskAt, imageAt, pixels) => {
    const row = Math.floor(maskAt / width);
    for (let from = maskAt, to = imageAt; from < maskAt + pixels; from++, to += 4) {
      if (bits[from] === 0 || !isRim(bits, from, from - row * width, row, width, height, thicknessPx)) continue;
      image.data[to] = colour[0];
      image.data[to + 1] = colour[1];
      image.data[to + 2] = colour[2];
    }
  });
}

/** Translucent masks with an outline, one after another: hand in a generator, and only one mask is in memory at a time. */
export function drawMasks(
  image: RgbaImage,
  masks: Iterable<{ mask: RegionMask; colour: Rgb }>,
  { opacity, outlinePx }: { opacity: number; outlinePx: number },
): void {
  for (const { mask, colour } of masks) {
    blendMask(image, mask, colour, opacity);
    if (outlinePx > 0) outlineMask(image, mask, colour, outlinePx);
  }
}

/**
 * Mixes a colour for each pixel's class into the picture, in place. A class without a palette entry stays unpainted.
 * @param classes [height, width] of the picture
 * @param options.unpainted the background's index, where there is one
 */
export function blendClassMap(
  image: RgbaImage,
  classes: Uint8Array | Uint16Array,
  palette: readonly Rgb[],
  options: { opacity: number; unpainted?: number },
): void {
  const weight = Math.round(Math.min(1, Math.max(0, options.opacity)) * 256);
  const keep = 256 - weight;
  const { data } = image;
  for (let pixel = 0, at = 0; pixel < classes.length; pixel++, at += 4) {
    const index = classes[pixel]!;
    const colour = palette[index];
    if (colour === undefined || index === options.unpainted) continue;
    data[at] = (data[at]! * keep + colour[0] * weight + 128) >> 8;
    data[at + 1] = (data[at + 1]! * keep + colour[1] * weight + 128) >> 8;
    data[at + 2] = (data[at + 2]! * keep + colour[2] * weight + 128) >> 8;
  }
}

/** Calls back for each row of the mask that lies in the picture: first mask index, first picture byte, pixels. */
function forEachRow(
  image: RgbaImage,
  { x, y, width, height }: RegionMask,
  visit: (maskAt: number, imageAt: number, pixels: number) => void,
): void {
  const xFrom = Math.max(0, -x);
  const xTo = Math.min(width, image.width - x);
  if (xTo <= xFrom) return;
  for (let row = Math.max(0, -y); row < Math.min(height, image.height - y); row++) {
    visit(row * width + xFrom, ((y + row) * image.width + x + xFrom) * 4, xTo - xFrom);
  }
}

/** Whether a pixel beyond the mask lies within `reach` in one of the four directions; the region's edge is beyond. */
function isRim(
  bits: Uint8Array,
  at: number,
  column: number,
  row: number,
  width: number,
  height: number,
  reach: number,
): boolean {
  for (let step = 1; step <= reach; step++) {
    if (column < step || column + step >= width || row < step || row + step >= height) return true;
    if (bits[at - step] === 0 || bits[at + step] === 0) return true;
    if (bits[at - step * width] === 0 || bits[at + step * width] === 0) return true;
  }
  return false;
}

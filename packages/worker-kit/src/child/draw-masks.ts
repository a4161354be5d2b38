import type { Rgb } from '@lensgate/vision';
import { forEachRun } from './mask-runs.js';
import type { RgbaImage } from './rgba-image.js';

/** A binary mask within a region of the picture, so that many instances need no whole picture each. */
export interface RegionMask {
  /** The region's corner in the picture, whole px. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** [height, width], 0 or 1 */
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
  const words = wordsOf(image);
  // Red and blue in one: each is less than 2¹⁶ until it is shifted, so that neither runs into the other.
  const redAndBlue = red + blue * 65_536;
  forEachRun(mask, (y, from, to) => {
    forVisible(image, mask, y, from, to, (start, end) => {
      for (let at = start; at < end; at++) {
        const word = words[at]!;
        const outer = (Math.imul(word & 0xff00ff, keep) + redAndBlue) >>> 8;
        const middle = Math.imul((word >>> 8) & 0xff, keep) + green;
        words[at] = (word & 0xff000000) | (outer & 0xff00ff) | (middle & 0xff00);
      }
    });
  });
}

/** Paints the mask's rim, `thicknessPx` wide and inside the mask, in place. */
export function outlineMask(image: RgbaImage, mask: RegionMask, colour: Rgb, thicknessPx: number): void {
  const { width, height, data } = mask;
  const words = wordsOf(image);
  const [red, green, blue] = colour;
  const paint = red | (green << 8) | (blue << 16);
  const paintAll = (start: number, end: number) => {
    for (let at = start; at < end; at++) words[at] = (words[at]! & 0xff000000) | paint;
  };
  /** Set pixels in a column up to the last row that was counted, without a gap. */
  const column = new Int32Array(width);
  let counted = 0;
  forEachRun(mask, (y, from, to) => {
    for (; counted <= y + thicknessPx && counted < height; counted++) {
      for (let x = 0, at = counted * width; x < width; x++, at++) column[x] = data[at] === 0 ? 0 : column[x]! + 1;
    }
    // A pixel is of the rim when the background, or the region's edge, is near in one of four directions: in its row …
    const innerFrom = y + thicknessPx < height ? Math.min(from + thicknessPx, to) : to;
    const innerTo = Math.max(to - thicknessPx, innerFrom);
    forVisible(image, mask, y, from, innerFrom, paintAll);
    forVisible(image, mask, y, innerTo, to, paintAll);
    // … or in its column.
    forVisible(image, mask, y, innerFrom, innerTo, (start, end) => {
      const firstX = start - (mask.y + y) * image.width - mask.x;
      for (let at = start, x = firstX; at < end; at++, x++) {
        if (column[x]! <= 2 * thicknessPx) words[at] = (words[at]! & 0xff000000) | paint;
      }
    });
  });
}

/** A canvas as words of 32 bits: red in the lowest byte, since the canvas and image modules ship for little-endian only. */
const wordsOf = ({ data }: RgbaImage): Int32Array => new Int32Array(data.buffer, data.byteOffset, data.length / 4);

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

/** Calls back with the part of a run of a mask's row that lies in the picture: its first pixel there, and the one after. */
function forVisible(
  image: RgbaImage,
  mask: RegionMask,
  y: number,
  from: number,
  to: number,
  visit: (start: number, end: number) => void,
): void {
  const row = mask.y + y;
  if (row < 0 || row >= image.height) return;
  const left = Math.max(mask.x + from, 0);
  const right = Math.min(mask.x + to, image.width);
  if (left < right) visit(row * image.width + left, row * image.width + right);
}

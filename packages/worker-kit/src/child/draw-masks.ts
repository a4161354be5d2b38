import type { Rgb } from '@lensgate/vision';
import type { Canvas } from './canvas.js';
import { forEachRun } from './mask-runs.js';

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
export function blendMask(image: Canvas, mask: RegionMask, colour: Rgb, opacity: number): void {
  const weight = Math.round(Math.min(1, Math.max(0, opacity)) * 256);
  const [red, green, blue] = colour.map((value) => value * weight + 128) as [number, number, number];
  const keep = 256 - weight;
  const { data } = image;
  forEachRun(mask, (y, from, to) => {
    forVisible(image, mask, y, from, to, (start, end) => {
      for (let at = start * 3; at < end * 3; at += 3) {
        data[at] = (data[at]! * keep + red) >> 8;
        data[at + 1] = (data[at + 1]! * keep + green) >> 8;
        data[at + 2] = (data[at + 2]! * keep + blue) >> 8;
      }
    });
  });
}

/** Paints the mask's rim, `thicknessPx` wide and inside the mask, in place. */
export function outlineMask(image: Canvas, mask: RegionMask, colour: Rgb, thicknessPx: number): void {
  const { width, height, data } = mask;
  const { data: painted } = image;
  const [red, green, blue] = colour;
  const paint = (pixel: number) => {
    painted[pixel * 3] = red;
    painted[pixel * 3 + 1] = green;
    painted[pixel * 3 + 2] = blue;
  };
  const paintAll = (start: number, end: number) => {
    for (let pixel = start; pixel < end; pixel++) paint(pixel);
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
        if (column[x]! <= 2 * thicknessPx) paint(at);
      }
    });
  });
}

/**
 * Mixes a colour for each pixel's class into the picture, in place. A class without a palette entry stays unpainted.
 * @param classes [height, width] of the picture
 * @param options.unpainted the background's index, where there is one
 */
export function blendClassMap(
  image: Canvas,
  classes: Uint8Array | Uint16Array,
  palette: readonly Rgb[],
  options: { opacity: number; unpainted?: number },
): void {
  const weight = Math.round(Math.min(1, Math.max(0, options.opacity)) * 256);
  const keep = 256 - weight;
  const { data } = image;
  for (let pixel = 0, at = 0; pixel < classes.length; pixel++, at += 3) {
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
  image: Canvas,
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

import type { Rgb } from '@lensgate/vision';
import type { Canvas } from './canvas.js';
import { forEachRimRun } from './mask-rim.js';
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
  const { data } = image;
  const [red, green, blue] = colour;
  forEachRimRun(mask, thicknessPx, (y, from, to) => {
    forVisible(image, mask, y, from, to, (start, end) => {
      for (let at = start * 3; at < end * 3; at += 3) {
        data[at] = red;
        data[at + 1] = green;
        data[at + 2] = blue;
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

import { rgbToRgba } from './pixel-layout.js';

/** The picture that overlays are drawn on: [height, width, 4] RGBA, opaque. Drawing functions change it in place. */
export interface RgbaImage {
  width: number;
  height: number;
  data: Uint8Array;
}

export interface RgbImage {
  width: number;
  height: number;
  /** [height, width, 3] RGB, 8 bit. */
  data: Uint8Array;
}

/** A copy of the picture to draw on; the model's input stays untouched. */
export function toRgbaImage({ width, height, data }: RgbImage): RgbaImage {
  return { width, height, data: rgbToRgba(data) };
}

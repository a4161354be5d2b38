import { rgbToRgba } from './pixel-layout.js';
/** A copy of the picture to draw on; the model's input stays untouched. */
export function toRgbaImage({ width, height, data }) {
    return { width, height, data: rgbToRgba(data) };
}

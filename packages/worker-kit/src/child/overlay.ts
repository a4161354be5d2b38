import type { InferenceOptions } from '@lensgate/contracts';
import { defaultOptions } from '@lensgate/contracts/plain';
import type { RgbImage, Size } from '@lensgate/vision';
import { type RgbaImage, toRgbaImage } from './draw.js';
import { canHold, encodeOverlay } from './encode.js';
import { freeMemory } from './free-memory.js';
import type { Picture } from './rendering.js';

/** A copy of the picture to draw on, where an overlay was asked for. */
export const overlayCanvas = (image: RgbImage, { overlay }: InferenceOptions): RgbaImage | undefined =>
  overlay ? toRgbaImage(image as { width: number; height: number; data: Uint8Array }) : undefined;

/** The drawn canvas as the answer's overlay; encoded once, then the canvas is no more. */
export const overlayPictures = (canvas: RgbaImage | undefined, options: InferenceOptions): Picture[] =>
  canvas ? [{ field: 'overlay_base64', encode: () => encodeCanvas(canvas, options) }] : [];

async function encodeCanvas(canvas: RgbaImage, options: InferenceOptions): Promise<Buffer> {
  const bytes = await encodeOverlay(canvas, overlayFormat(canvas, options));
  freeMemory(canvas.data);
  return bytes;
}

/** WebP and JPEG end at a number of pixels a side; PNG holds what they cannot. */
function overlayFormat(size: Size, { image_format: wanted }: InferenceOptions): InferenceOptions['image_format'] {
  return canHold(wanted, size) ? wanted : 'png';
}

/** Says when no overlay comes in the format that was asked for. */
export function overlayWarnings(size: Size, options: InferenceOptions): string[] {
  const { overlay, image_format: wanted } = options;
  if (!overlay)
    return wanted === defaultOptions.image_format
      ? []
      : ['The option image_format has no effect without an overlay and was ignored.'];
  return overlayFormat(size, options) === wanted
    ? []
    : [`The overlay is a PNG: ${wanted} cannot hold ${size.width}×${size.height} px.`];
}

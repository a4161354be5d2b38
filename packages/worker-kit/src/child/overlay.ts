import type { InferenceOptions } from '@lensgate/contracts';
import { defaultOptions } from '@lensgate/contracts/plain';
import type { Size } from '@lensgate/vision';
import type { Canvas } from './canvas.js';
import { canHold, encodeOverlay } from './encode.js';
import type { Picture } from './rendering.js';

/** The drawn canvas as the answer's overlay; encoded once, then the canvas is no more. */
export const overlayPictures = (canvas: Canvas | undefined, options: InferenceOptions): Picture[] =>
  canvas ? [{ field: 'overlay_base64', encode: () => encodeOverlay(canvas, overlayFormat(canvas, options)) }] : [];

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

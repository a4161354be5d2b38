import type { InferenceOptions, Words } from '@lensgate/contracts';
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

const formatWithoutOverlay = {
  en: 'The option image_format has no effect without an overlay and was ignored.',
  ko: '오버레이를 요청하지 않았으므로 image_format 옵션을 무시했습니다.',
};

/** Says when no overlay comes in the format that was asked for. */
export function overlayWarnings(size: Size, options: InferenceOptions): Words[] {
  const { overlay, image_format: wanted } = options;
  if (!overlay) return wanted === defaultOptions.image_format ? [] : [formatWithoutOverlay];
  return overlayFormat(size, options) === wanted
    ? []
    : [
        {
          en: `The overlay is a PNG: ${wanted} cannot hold ${size.width}×${size.height} px.`,
          ko: `오버레이는 PNG입니다. ${wanted} 형식에는 ${size.width}×${size.height}px을 담을 수 없습니다.`,
        },
      ];
}

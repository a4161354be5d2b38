import { roundHalfEven } from '../round-half-even.js';
import { assertSize, type Size } from './image.js';
import { shortestEdgeSize } from './timm-input.js';

/** `size` of a `preprocessor_config.json`, in its own words, px. */
export type HuggingfaceSize =
  | { readonly height: number; readonly width: number }
  | { readonly shortest_edge: number; readonly longest_edge?: number }
  | { readonly max_height: number; readonly max_width: number };

export interface KeepAspectOptions {
  /** `keep_aspect_ratio` of DPT and Depth Anything */
  readonly keepsAspect: boolean;
  /** `ensure_multiple_of`, px */
  readonly multipleOf: number;
}

/**
 * The size that transformers resizes a picture to.
 *
 * Source: transformers `image_transforms.py`, `get_resize_output_image_size`, `get_size_with_aspect_ratio` and
 * `get_image_size_for_max_height_width`.
 *
 * @throws RangeError for a size that is not positive
 */
export function huggingfaceResizedSize(image: Size, size: HuggingfaceSize): Size {
  assertSize(image);
  const resized = resizedBy(image, size);
  assertSize(resized);
  return resized;
}

function resizedBy(image: Size, size: HuggingfaceSize): Size {
  if ('shortest_edge' in size) {
    const { shortest_edge, longest_edge } = size;
    return longest_edge === undefined
      ? shortestEdgeSize(image, shortest_edge)
      : boundedEdgesSize(image, { shortest: shortest_edge, longest: longest_edge });
  }
  if ('max_height' in size) {
    const scale = Math.min(size.max_height / image.height, size.max_width / image.width);
    return { width: Math.trunc(image.width * scale), height: Math.trunc(image.height * scale) };
  }
  return { width: size.width, height: size.height };
}

/** The short side becomes `shortest` unless the long one would exceed `longest`. */
function boundedEdgesSize({ width, height }: Size, { shortest, longest }: { shortest: number; longest: number }): Size {
  const short = Math.min(width, height);
  const long = Math.max(width, height);
  let edge = shortest;
  let exactEdge = shortest;
  if ((long / short) * shortest > longest) {
    exactEdge = (longest * short) / long;
    edge = roundHalfEven(exactEdge);
  }
  if (short === edge) return { width, height };
  const other = Math.trunc((exactEdge * long) / short);
  return width < height ? { width: edge, height: other } : { width: other, height: edge };
}

/**
 * The size that DPT and Depth Anything resize to: both sides multiples of `multipleOf`; with `keepsAspect` by the one
 * scale that changes the picture less.
 *
 * Source: transformers `image_processing_dpt.py`, `get_resize_output_image_size`.
 *
 * @throws RangeError for a size that is not positive
 */
export function huggingfaceDepthSize(image: Size, target: Size, { keepsAspect, multipleOf }: KeepAspectOptions): Size {
  assertSize(image);
  assertSize(target);
  let scaleX = target.width / image.width;
  let scaleY = target.height / image.height;
  if (keepsAspect) {
    if (Math.abs(1 - scaleX) < Math.abs(1 - scaleY)) scaleY = scaleX;
    else scaleX = scaleY;
  }
  const whole = (length: number) => Math.max(roundHalfEven(length / multipleOf), 1) * multipleOf;
  return { width: whole(scaleX * image.width), height: whole(scaleY * image.height) };
}

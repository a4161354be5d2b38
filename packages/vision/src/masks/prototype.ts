import type { Size } from '../pixels/image.js';
import { placementOf } from '../pixels/placement.js';
import { roundHalfEven } from '../round-half-even.js';
import { emptyMask, type Mask, type Window, windowMask } from './mask.js';
import { type BilinearTaps, bilinearTaps, type Plane, upsampleAbove } from './upsample.js';

/** What a segmenter answers once per picture: grids that each detection mixes into its own mask. */
export interface Prototypes extends Size {
  /** grids, as many as a detection has coefficients */
  readonly count: number;
  /** [count, height, width] */
  readonly data: Float32Array;
}

/**
 * How a mask is cut to its box. Ultralytics rounds the edges when a picture has fewer than 50 detections, and compares
 * px with the unrounded edges when it has more; the two differ by a row or a column.
 */
export type CropRule = 'rounded-edges' | 'exact-edges';

/** @param detectionCount detections of the whole picture, before any with an empty mask is dropped */
export function cropRuleOf(detectionCount: number): CropRule {
  return detectionCount < 50 ? 'rounded-edges' : 'exact-edges';
}

export interface PrototypeMaskOptions {
  readonly prototypes: Prototypes;
  /** [prototypes.count] */
  readonly coefficients: Float32Array;
  /** x1, y1, x2, y2 in px of `frame` */
  readonly box: ArrayLike<number>;
  readonly cropRule: CropRule;
}

/**
 * The mask of one detection at the size of the picture (Ultralytics' `retina_masks=True`, `process_mask_native`): the
 * mix is freed of the letterbox's padding, upsampled, then cut to the box. Only px inside the box are computed.
 *
 * @param image  px of the picture; `box` is in its px, clipped
 * @returns      mask in the picture's frame; `area` 0 means that Ultralytics drops the detection
 */
export function retinaMask(options: PrototypeMaskOptions, image: Size): Mask {
  const { prototypes, box, cropRule } = options;
  const target = cropWindow(box, image, cropRule);
  if (isEmpty(target)) return emptyMask(image);
  const inner = unpadded(prototypes, image);
  const columns = bilinearTaps(inner.width, image.width);
  const rows = bilinearTaps(inner.height, image.height);
  const source = windowRead({ columns, rows }, target);
  const plane = mix(options, { ...source, left: source.left + inner.left, top: source.top + inner.top });
  return windowMask(image, target, upsampleAbove({ ...source, data: plane }, { columns, rows }, target, 0));
}

/**
 * The mask of one detection at the size of the model's input (Ultralytics' `retina_masks=False`, `process_mask`): the
 * mix is cut to the box on the prototypes' grid, then upsampled.
 *
 * @param input  px of the model's input; `box` is in its px
 * @returns      mask in the input's frame; `area` 0 means that Ultralytics drops the detection
 */
export function inputMask(options: PrototypeMaskOptions, input: Size): Mask {
  const { prototypes, box, cropRule } = options;
  const ratioX = Math.fround(prototypes.width / input.width);
  const ratioY = Math.fround(prototypes.height / input.height);
  const gridBox = Float32Array.from(box, (edge, i) => edge * (i % 2 === 0 ? ratioX : ratioY));
  const crop = cropWindow(gridBox, prototypes, cropRule);
  if (isEmpty(crop)) return emptyMask(input);
  const columns = bilinearTaps(prototypes.width, input.width);
  const rows = bilinearTaps(prototypes.height, input.height);
  const target = windowTouched({ columns, rows }, crop);
  if (isEmpty(target)) return emptyMask(input);
  const plane = embed({ ...crop, data: mix(options, crop) }, windowRead({ columns, rows }, target));
  return windowMask(input, target, upsampleAbove(plane, { columns, rows }, target, 0));
}

/**
 * A mask in the model input's frame brought to the picture: padding cut off, bilinear, set where the share of set px
 * is above one half.
 */
export function maskToImage(mask: Mask, image: Size): Mask {
  const inner = unpadded(mask.frame, image);
  const columns = bilinearTaps(inner.width, image.width);
  const rows = bilinearTaps(inner.height, image.height);
  const moved = { ...mask, left: mask.left - inner.left, top: mask.top - inner.top };
  const target = windowTouched({ columns, rows }, moved);
  if (isEmpty(target)) return emptyMask(image);
  const plane = embed({ ...moved, data: Float32Array.from(mask.data) }, windowRead({ columns, rows }, target));
  return windowMask(image, target, upsampleAbove(plane, { columns, rows }, target, 0.5));
}

/**
 * Coefficients of one detection: a column of the model's output.
 *
 * @param output [rows, anchorCount]
 * @returns      [count]
 */
export function coefficientsAt(
  output: Float32Array,
  { anchor, anchorCount, firstRow, count }: { anchor: number; anchorCount: number; firstRow: number; count: number },
): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => output[(firstRow + i) * anchorCount + anchor]!);
}

/** The part of a letterboxed grid that shows the picture: Ultralytics' `scale_masks`, `gain` and padding in cells. */
function unpadded(grid: Size, image: Size): Window {
  const { padX, padY, padXExact, padYExact } = placementOf(image, grid);
  const width = grid.width - roundHalfEven(padXExact + 0.1) - padX;
  const height = grid.height - roundHalfEven(padYExact + 0.1) - padY;
  return { left: padX, top: padY, width, height };
}

function cropWindow(box: ArrayLike<number>, frame: Size, rule: CropRule): Window {
  const edge = (value: number, max: number) => {
    // The first whole px at or after an unrounded edge is where `i >= edge` becomes true and `i < edge` ends.
    const whole = rule === 'rounded-edges' ? roundHalfEven(value) : Math.ceil(value);
    return Math.min(Math.max(whole, 0), max) || 0;
  };
  const left = edge(box[0]!, frame.width);
  const top = edge(box[1]!, frame.height);
  const width = Math.max(edge(box[2]!, frame.width) - left, 0);
  const height = Math.max(edge(box[3]!, frame.height) - top, 0);
  return { left, top, width, height };
}

function isEmpty({ width, height }: Size): boolean {
  return width === 0 || height === 0;
}

interface Taps {
  readonly columns: BilinearTaps;
  readonly rows: BilinearTaps;
}

/** Source px that a window of output px reads. */
function windowRead({ columns, rows }: Taps, target: Window): Window {
  const left = columns.first[target.left]!;
  const top = rows.first[target.top]!;
  const right = columns.second[target.left + target.width - 1]! + 1;
  const bottom = rows.second[target.top + target.height - 1]! + 1;
  return { left, top, width: right - left, height: bottom - top };
}

/** Output px that read any of a window of source px. */
function windowTouched({ columns, rows }: Taps, source: Window): Window {
  const across = rangeTouched(columns, source.left, source.left + source.width);
  const down = rangeTouched(rows, source.top, source.top + source.height);
  return { left: across.from, top: down.from, width: across.count, height: down.count };
}

function rangeTouched({ first, second }: BilinearTaps, from: number, to: number): { from: number; count: number } {
  let start = 0;
  while (start < first.length && second[start]! < from) start++;
  let end = start;
  while (end < first.length && first[end]! < to) end++;
  return { from: end === start ? 0 : start, count: end - start };
}

/** Σ coefficient × prototype over a window of the grid, float32. */
function mix({ prototypes, coefficients }: PrototypeMaskOptions, window: Window): Float32Array {
  const { count, width: gridWidth, height: gridHeight, data } = prototypes;
  const { left, top, width, height } = window;
  const sums = new Float32Array(width * height);
  for (let channel = 0; channel < count; channel++) {
    const coefficient = coefficients[channel]!;
    for (let y = 0; y < height; y++) {
      const from = (channel * gridHeight + top + y) * gridWidth + left;
      const to = y * width;
      for (let x = 0; x < width; x++) sums[to + x]! += coefficient * data[from + x]!;
    }
  }
  return sums;
}

/** A plane's values on a wider window, 0 around them; what lies outside the window is cut off. */
function embed(plane: Plane, window: Window): Plane {
  const data = new Float32Array(window.width * window.height);
  const left = Math.max(plane.left, window.left);
  const right = Math.min(plane.left + plane.width, window.left + window.width);
  const top = Math.max(plane.top, window.top);
  const bottom = Math.min(plane.top + plane.height, window.top + window.height);
  for (let y = top; y < bottom; y++) {
    const from = (y - plane.top) * plane.width - plane.left;
    data.set(plane.data.subarray(from + left, from + right), (y - window.top) * window.width + left - window.left);
  }
  return { ...window, data };
}

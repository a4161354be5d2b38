import { roundHalfEven } from '../round-half-even.js';
import { byteTable, toChwRow } from '../tensors/to-chw.js';
import { assertSize, type RgbImage, type Size } from './image.js';
import { type Placement, placementOf, resizedLength } from './placement.js';
import { type RowSink, resizeCv2BilinearRows } from './resize-cv2-bilinear.js';

/** The grey of the padding, in all three channels. */
const padValue = 114;

export interface LetterboxOptions extends Size {
  /**
   * For models with a dynamic input: `width` and `height` are upper bounds, and the picture is padded only to the next
   * multiple of this many px. Absent: the input has exactly `width`×`height`.
   */
  readonly strideMultiple?: number;
}

/**
 * Fits a picture into a model's input as Ultralytics does (`LetterBox`): scaled up or down, sides kept in proportion,
 * centred, grey around it.
 *
 * @returns the input as a picture, and where the picture lies in it
 * @throws RangeError for a picture or a size that is not positive and whole
 */
export function letterbox(image: RgbImage, options: LetterboxOptions): { image: RgbImage; placement: Placement } {
  const frame = frameOf(image, options);
  const { width, height } = frame.input;
  const data = new Uint8Array(width * height * 3).fill(padValue);
  resizeCv2BilinearRows(image, frame.resized, (row, y) => data.set(row, ((frame.top + y) * width + frame.left) * 3));
  return { image: { width, height, data }, placement: placementOf(image, frame.input) };
}

/**
 * {@link letterbox} followed by the division by 255, written straight into the tensor.
 *
 * @returns tensor [3, height, width], RGB, 0…1, and the input's size in the placement
 * @throws RangeError for a picture or a size that is not positive and whole
 */
export function letterboxToTensor(
  image: RgbImage,
  options: LetterboxOptions,
): { tensor: Float32Array; placement: Placement } {
  const frame = frameOf(image, options);
  const { width, height } = frame.input;
  const plane = width * height;
  const table = byteTable();
  const tables = [table, table, table] as const;
  const tensor = new Float32Array(plane * 3).fill(table[padValue]!);
  const place: RowSink = (row, y) => toChwRow(row, tables, tensor, { plane, at: (frame.top + y) * width + frame.left });
  resizeCv2BilinearRows(image, frame.resized, place);
  return { tensor, placement: placementOf(image, frame.input) };
}

interface Frame {
  /** the model's input */
  readonly input: Size;
  /** the picture inside it */
  readonly resized: Size;
  readonly left: number;
  readonly top: number;
}

function frameOf(image: Size, { width, height, strideMultiple }: LetterboxOptions): Frame {
  assertSize(image);
  assertSize({ width, height });
  const ratio = Math.min(height / image.height, width / image.width);
  const resized = { width: resizedLength(image.width, ratio), height: resizedLength(image.height, ratio) };
  let spareX = width - resized.width;
  let spareY = height - resized.height;
  if (strideMultiple !== undefined) {
    if (!Number.isInteger(strideMultiple) || strideMultiple < 1) {
      throw new RangeError(`strideMultiple must be a positive whole number, not ${strideMultiple}`);
    }
    spareX %= strideMultiple;
    spareY %= strideMultiple;
  }
  return {
    input: { width: resized.width + spareX, height: resized.height + spareY },
    resized,
    left: roundHalfEven(spareX / 2 - 0.1),
    top: roundHalfEven(spareY / 2 - 0.1),
  };
}

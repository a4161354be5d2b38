import { assertRgbImage, type RgbImage } from '../pixels/image.js';

export type Triple = readonly [number, number, number];

export interface NormaliseOptions {
  /** factor from bytes to the range of `mean` and `std`; absent: an exact division by 255 */
  readonly scale?: number;
  /** subtracted per channel (red, green, blue) after scaling */
  readonly mean?: Triple;
  /** divided by per channel after the mean is subtracted */
  readonly std?: Triple;
  /** order of the tensor's planes; `mean` and `std` are always red, green, blue */
  readonly planes?: 'rgb' | 'bgr';
}

/**
 * Picture to tensor: bytes [height, width, 3] to float32 [3, height, width], every step rounded to float32 as torch
 * and NumPy round it: `(byte / 255 - mean) / std`.
 *
 * @throws RangeError for a picture whose bytes do not fit its size
 */
export function toChw(image: RgbImage, options: NormaliseOptions = {}): Float32Array {
  assertRgbImage(image);
  const plane = image.width * image.height;
  const tensor = new Float32Array(plane * 3);
  toChwRow(image.data, channelTables(options), tensor, { plane, at: 0 }, options.planes);
  return tensor;
}

/** One value per byte and channel: a table of 256 makes the arithmetic exact and free. */
type ChannelTables = readonly [Float32Array, Float32Array, Float32Array];

/**
 * Writes interleaved pixels into three planes. `at` is the first pixel's index inside each plane.
 */
export function toChwRow(
  row: Uint8Array | Uint8ClampedArray,
  [reds, greens, blues]: ChannelTables,
  tensor: Float32Array,
  { plane, at }: { plane: number; at: number },
  planes: 'rgb' | 'bgr' = 'rgb',
): void {
  let red = planes === 'rgb' ? at : at + 2 * plane;
  let green = at + plane;
  let blue = planes === 'rgb' ? at + 2 * plane : at;
  for (let i = 0; i < row.length; i += 3) {
    tensor[red++] = reds[row[i]!]!;
    tensor[green++] = greens[row[i + 1]!]!;
    tensor[blue++] = blues[row[i + 2]!]!;
  }
}

/** The 256 values of one channel. */
export function byteTable(options: { scale?: number; mean?: number; std?: number } = {}): Float32Array {
  const { scale, mean, std } = options;
  const table = new Float32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = Math.fround(scale === undefined ? byte / 255 : byte * scale);
    if (mean !== undefined) value = Math.fround(value - Math.fround(mean));
    if (std !== undefined) value = Math.fround(value / Math.fround(std));
    table[byte] = value;
  }
  return table;
}

function channelTables({ scale, mean, std }: NormaliseOptions): ChannelTables {
  const table = (channel: 0 | 1 | 2) =>
    byteTable({
      ...(scale === undefined ? {} : { scale }),
      ...(mean === undefined ? {} : { mean: mean[channel] }),
      ...(std === undefined ? {} : { std: std[channel] }),
    });
  return [table(0), table(1), table(2)];
}

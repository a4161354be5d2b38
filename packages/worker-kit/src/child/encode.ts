import { assertRgbImage, type Rgb } from '@lensgate/vision';
import { CompressionType, FilterType, Transformer } from '@napi-rs/image';
import sharp from 'sharp';
import type { Canvas } from './canvas.js';
import { freeMemory } from './free-memory.js';
import { writePng } from './png-writer.js';

export type OverlayFormat = 'png' | 'jpeg' | 'webp';

/** What the formats themselves can hold. */
const SIDE_PX_MAX: Readonly<Record<OverlayFormat, number>> = { png: 2 ** 31 - 1, jpeg: 65_535, webp: 16_383 };
const JPEG_QUALITY = 90;
const WEBP_QUALITY = 85;

/** Of pixels that the quick PNG encoder takes: it reads pictures of up to 512 MiB. */
const quickBytesMax = 500 * 2 ** 20;

/** Whether a format can hold a picture of this size; where it cannot, PNG can. */
export function canHold(format: OverlayFormat, { width, height }: { width: number; height: number }): boolean {
  return Math.max(width, height) <= SIDE_PX_MAX[format];
}

/**
 * An overlay in the format that the caller asked for. JPEG keeps full colour resolution for the thin lines.
 *
 * @param canvas is used up: its memory is given back as soon as nothing reads it
 * @param options.quickMax bytes of pixels up to which the quick PNG encoder is used
 * @throws RangeError where the format cannot hold a picture of this size, see canHold, or the pixels do not fit the size
 */
export async function encodeOverlay(
  canvas: Canvas,
  format: OverlayFormat,
  { quickMax = quickBytesMax }: { quickMax?: number } = {},
): Promise<Buffer> {
  if (!canHold(format, canvas)) {
    throw new RangeError(
      `a ${format} picture has at most ${SIDE_PX_MAX[format]} px a side, not ${canvas.width}×${canvas.height}`,
    );
  }
  assertRgbImage(canvas);
  if (format === 'png' && canvas.data.length <= quickMax) return encodePngQuickly(canvas);
  const bytes = await encodeWithVips(canvas, format);
  freeMemory(canvas.data);
  return bytes;
}

/**
 * Lossless, by the fastest way: answers are sent once and looked at, so the time counts more than the last tenth of the
 * size. The filter makes a photograph a tenth smaller than the one of the row above, in about the same time.
 */
async function encodePngQuickly(canvas: Canvas): Promise<Buffer> {
  const pnm = pnmOf(canvas);
  freeMemory(canvas.data);
  const bytes = await new Transformer(pnm).png({
    compressionType: CompressionType.Fast,
    filterType: FilterType.Paeth,
  });
  freeMemory(pnm);
  return bytes;
}

/** The pixels after a line of text: as bare pixels the library takes four channels only. */
function pnmOf({ width, height, data }: Canvas): Uint8Array {
  const head = Buffer.from(`P6\n${width} ${height}\n255\n`, 'latin1');
  const pnm = new Uint8Array(head.length + data.length);
  pnm.set(head);
  pnm.set(data, head.length);
  return pnm;
}

function encodeWithVips({ width, height, data }: Canvas, format: OverlayFormat): Promise<Buffer> {
  const image = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  switch (format) {
    case 'png':
      return image.png({ compressionLevel: 1 }).toBuffer();
    case 'jpeg':
      // Huffman tables made for the picture would save a twentieth of the bytes and take more time than all the rest.
      return image.jpeg({ quality: JPEG_QUALITY, chromaSubsampling: '4:4:4', optimiseCoding: false }).toBuffer();
    case 'webp':
      return image.webp({ quality: WEBP_QUALITY, effort: 0 }).toBuffer();
  }
}

/**
 * Numbers of instances or classes as a PNG whose pixel values are exactly these numbers.
 *
 * @param indices [height, width]; every index has an entry in the palette
 * @param palette colour of each index; entry 0 is usually the background
 * @returns `indexed-8`: an 8-bit palette PNG. PNG palettes end at 256 entries, so a larger palette gives `grey-16`: a
 *   16-bit grey PNG whose value is the index, without colours.
 * @throws RangeError where an index has no palette entry
 */
export async function encodeIndexedPng(
  indices: Uint8Array | Uint16Array,
  { width, height, palette }: { width: number; height: number; palette: readonly Rgb[] },
): Promise<{ bytes: Buffer; layout: 'indexed-8' | 'grey-16' }> {
  if (indices instanceof Uint16Array) assertColours(indices, palette);
  if (palette.length > 256) {
    const values = indices instanceof Uint16Array ? indices : Uint16Array.from(indices);
    return { bytes: await encodeGrey16Png(values, { width, height }), layout: 'grey-16' };
  }
  const samples = indices instanceof Uint8Array ? indices : Uint8Array.from(indices);
  const bytes = await writePng({ width, height, samples, kind: 'indexed-8', palette: Uint8Array.from(palette.flat()) });
  return { bytes, layout: 'indexed-8' };
}

/** Numbers that a byte cannot hold are looked at before they are cut to one; those of bytes are as they are written. */
function assertColours(indices: Uint16Array, palette: readonly Rgb[]): void {
  let largest = 0;
  for (let at = 0; at < indices.length; at++) if (indices[at]! > largest) largest = indices[at]!;
  if (largest >= palette.length)
    throw new RangeError(`index ${largest} has no colour: the palette has ${palette.length}`);
}

/** [height, width] values 0…65535 as a 16-bit grey PNG, without loss: depth maps, large index maps. */
export async function encodeGrey16Png(
  values: Uint16Array,
  { width, height }: { width: number; height: number },
): Promise<Buffer> {
  // PNG is big-endian.
  const samples = Buffer.from(
    Uint8Array.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ).swap16();
  return writePng({ width, height, samples, kind: 'grey-16' });
}

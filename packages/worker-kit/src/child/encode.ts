import type { Rgb } from '@lensgate/vision';
import { CompressionType, FilterType, Transformer } from '@napi-rs/image';
import sharp, { type Sharp } from 'sharp';
import { rgbToRgba } from './pixel-layout.js';
import { writePng } from './png-writer.js';
import type { RgbaImage, RgbImage } from './rgba-image.js';

export type OverlayFormat = 'png' | 'jpeg' | 'webp';

/** What the formats themselves can hold. */
const SIDE_PX_MAX: Readonly<Record<OverlayFormat, number>> = { png: 2 ** 31 - 1, jpeg: 65_535, webp: 16_383 };
const JPEG_QUALITY = 90;
const WEBP_QUALITY = 85;

/**
 * RGB or RGBA pixels as a lossless PNG, at the fastest setting: answers are sent once and looked at, so the time counts
 * more than the last tenth of the size.
 */
export async function encodePng(image: RgbaImage | RgbImage): Promise<Buffer> {
  const { width, height, data } = image;
  const rgba = channelsOf(image) === 4 ? data : rgbToRgba(data);
  return Transformer.fromRgbaPixels(rgba, width, height).png({
    compressionType: CompressionType.Fast,
    filterType: FilterType.Up,
  });
}

/** Whether a format can hold a picture of this size; where it cannot, PNG can. */
export function canHold(format: OverlayFormat, { width, height }: { width: number; height: number }): boolean {
  return Math.max(width, height) <= SIDE_PX_MAX[format];
}

/**
 * An opaque overlay in the format that the caller asked for. JPEG keeps full colour resolution for the thin lines.
 * @throws RangeError where the format cannot hold a picture of this size, see canHold
 */
export async function encodeOverlay(image: RgbaImage, format: OverlayFormat): Promise<Buffer> {
  if (!canHold(format, image)) {
    throw new RangeError(
      `a ${format} picture has at most ${SIDE_PX_MAX[format]} px a side, not ${image.width}×${image.height}`,
    );
  }
  switch (format) {
    case 'png':
      return encodePng(image);
    case 'jpeg':
      // Huffman tables made for the picture would save a twentieth of the bytes and take more time than all the rest.
      return rawImage(image)
        .removeAlpha()
        .jpeg({ quality: JPEG_QUALITY, chromaSubsampling: '4:4:4', optimiseCoding: false })
        .toBuffer();
    case 'webp':
      return rawImage(image).removeAlpha().webp({ quality: WEBP_QUALITY, effort: 0 }).toBuffer();
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

function rawImage(image: RgbaImage | RgbImage): Sharp {
  const { width, height, data } = image;
  return sharp(data, { raw: { width, height, channels: channelsOf(image) }, limitInputPixels: false });
}

function channelsOf({ width, height, data }: RgbaImage | RgbImage): 3 | 4 {
  const channels = data.length / (width * height);
  if (channels !== 3 && channels !== 4)
    throw new RangeError(`${data.length} bytes are no ${width}×${height} RGB or RGBA picture`);
  return channels;
}

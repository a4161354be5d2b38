import type { Words } from '@lensgate/contracts';
import { ImageError } from './image-error.js';
import {
  FORMAT_NAMES,
  FRAMES_MAX,
  type HeaderFacts,
  type ImageFormat,
  type ImageHeader,
  SUPPORTED_FORMATS,
  sendSupported,
} from './image-format.js';
import { readAvifHeader } from './image-header-avif.js';
import { sniffForeignFormat } from './image-header-foreign.js';
import { readTiffHeader } from './image-header-tiff.js';
import { headText, startsLike } from './image-magic.js';

/**
 * Reads format and size from a picture's first bytes, without decoding anything, so that a picture that would not fit
 * in memory is refused before a decoder allocates for it.
 *
 * @param bytes the whole file (readers look only at headers, and at most at its chunk structure)
 * @throws ImageError UNSUPPORTED_IMAGE for anything that is not one of SUPPORTED_FORMATS, IMAGE_DAMAGED where the
 *   format is known but its header has no usable size
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader {
  const format = sniffFormat(bytes);
  if (format === undefined) throw unsupported(bytes);
  const facts = readFacts(format, bytes);
  if (facts === undefined || facts.width < 1 || facts.height < 1) {
    const words = {
      en: `The ${FORMAT_NAMES[format]} file is damaged or cut short: its header gives no size.`,
      ko: `${FORMAT_NAMES[format]} 파일이 손상되었거나 중간에 잘렸습니다. 헤더에 이미지 크기가 없습니다.`,
    };
    throw new ImageError('IMAGE_DAMAGED', words, { format });
  }
  return { format, ...facts };
}

function readFacts(format: ImageFormat, bytes: Uint8Array): HeaderFacts | undefined {
  try {
    return READERS[format](new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    // A DataView says so when a reader reaches the end of the bytes.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const EMPTY: Words = { en: 'empty', ko: '빈 파일' };
const UNKNOWN: Words = { en: 'not a picture in a known format', ko: '알려진 이미지 형식이 아닌 파일' };

function unsupported(bytes: Uint8Array): ImageError {
  const foreign = bytes.length === 0 ? EMPTY : sniffForeignFormat(bytes);
  return new ImageError('UNSUPPORTED_IMAGE', sendSupported(foreign ?? UNKNOWN), {
    ...(foreign === undefined ? {} : { format: foreign.en }),
    supported: SUPPORTED_FORMATS,
  });
}

const MAGIC: readonly (readonly [format: ImageFormat, ...patterns: string[]])[] = [
  ['jpeg', '\xff\xd8\xff'],
  ['png', '\x89PNG\r\n\x1a\n'],
  ['gif', 'GIF87a', 'GIF89a'],
  ['webp', 'RIFF????WEBP'],
  ['tiff', 'II*\0', 'II+\0', 'MM\0*', 'MM\0+'],
];

/** Sizes of the BMP headers in use: core, info and its versions 2 to 5, OS/2. */
const DIB_HEADER_BYTES = new Set([12, 40, 52, 56, 64, 108, 124]);

function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  const head = headText(bytes, 64);
  // A Canon raw file is a TIFF whose first page is only a preview.
  if (startsLike(head, 'II*\0????CR')) return undefined;
  for (const [format, ...patterns] of MAGIC) {
    if (patterns.some((pattern) => startsLike(head, pattern))) return format;
  }
  if (startsLike(head, '????ftyp') && hasAvifBrand(head)) return 'avif';
  // 'BM' alone is too common a start of a text.
  if (startsLike(head, 'BM????\0\0\0\0?????\0\0\0') && DIB_HEADER_BYTES.has(head.charCodeAt(14))) return 'bmp';
  return undefined;
}

/** ISO/IEC 14496-12 4.3: a major brand, a version, then compatible brands up to the box's end. */
function hasAvifBrand(head: string): boolean {
  const boxBytes = (head.charCodeAt(2) << 8) | head.charCodeAt(3);
  for (let at = 8; at + 4 <= Math.min(boxBytes, head.length); at += 4) {
    if (at !== 12 && /^avi[fs]$/.test(head.slice(at, at + 4))) return true;
  }
  return false;
}

const READERS: Record<ImageFormat, (view: DataView) => HeaderFacts | undefined> = {
  jpeg: readJpegHeader,
  png: readPngHeader,
  gif: readGifHeader,
  webp: readWebpHeader,
  bmp: readBmpHeader,
  tiff: readTiffHeader,
  avif: readAvifHeader,
};

/** ITU T.81 B.1.1: segments up to the first SOF marker, which carries the size. */
function readJpegHeader(view: DataView): HeaderFacts | undefined {
  let at = 2;
  while (at + 9 < view.byteLength) {
    if (view.getUint8(at) !== 0xff) {
      // Stray bytes between segments are tolerated by every decoder.
      at += 1;
      continue;
    }
    const marker = view.getUint8(at + 1);
    const hasNoLength = marker === 0xff || marker === 0x00 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    if (hasNoLength) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (marker === 0xd9 || marker === 0xda) return undefined;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return frameOf(view, at + 4);
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** ITU T.81 B.2.2: precision, height, width, number of components. */
const frameOf = (view: DataView, at: number): HeaderFacts => ({
  width: view.getUint16(at + 3),
  height: view.getUint16(at + 1),
  frames: 1,
  components: view.getUint8(at + 5),
});

/** IHDR comes first; an `acTL` chunk before the pixels says that the file is animated. */
function readPngHeader(view: DataView): HeaderFacts | undefined {
  if (view.getUint32(12) !== 0x49484452) return undefined;
  const size = { width: view.getUint32(16), height: view.getUint32(20) };
  let at = 33;
  while (at + 8 <= view.byteLength) {
    const chunk = view.getUint32(at + 4);
    if (chunk === 0x6163544c) return { ...size, frames: 2 };
    if (chunk === 0x49444154) break;
    at += 12 + view.getUint32(at);
  }
  return { ...size, frames: 1 };
}

/** GIF89a: the logical screen, and how many image descriptors follow. */
function readGifHeader(view: DataView): HeaderFacts | undefined {
  let width = view.getUint16(6, true);
  let height = view.getUint16(8, true);
  let at = 13 + colourTableBytes(view.getUint8(10));
  let images = 0;
  while (at + 10 <= view.byteLength && images <= FRAMES_MAX) {
    const block = view.getUint8(at);
    if (block === 0x2c) {
      images += 1;
      // A frame may reach beyond the screen that the file declares; decoders grow the canvas.
      width = Math.max(width, view.getUint16(at + 1, true) + view.getUint16(at + 5, true));
      height = Math.max(height, view.getUint16(at + 3, true) + view.getUint16(at + 7, true));
      at = skipSubBlocks(view, at + 11 + colourTableBytes(view.getUint8(at + 9)));
    } else if (block === 0x21) {
      at = skipSubBlocks(view, at + 2);
    } else break;
  }
  return { width, height, frames: Math.max(1, images) };
}

function colourTableBytes(packed: number): number {
  return packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0;
}

function skipSubBlocks(view: DataView, from: number): number {
  let at = from;
  while (at < view.byteLength) {
    const bytes = view.getUint8(at);
    at += 1 + bytes;
    if (bytes === 0) break;
  }
  return at;
}

/** RFC 9649: VP8X (canvas, animation flag), VP8L or VP8 as the first chunk. */
function readWebpHeader(view: DataView): HeaderFacts | undefined {
  switch (view.getUint32(12)) {
    case 0x56503858: {
      const size = { width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) };
      return { ...size, frames: view.getUint8(20) & 2 ? Math.max(2, webpFrames(view)) : 1 };
    }
    case 0x5650384c: {
      if (view.getUint8(20) !== 0x2f) return undefined;
      const packed = view.getUint32(21, true);
      return { width: 1 + (packed & 0x3fff), height: 1 + ((packed >>> 14) & 0x3fff), frames: 1 };
    }
    case 0x56503820: {
      if (uint24(view, 23) !== 0x2a019d) return undefined;
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff, frames: 1 };
    }
    default:
      return undefined;
  }
}

function webpFrames(view: DataView): number {
  let frames = 0;
  for (let at = 12; at + 8 <= view.byteLength && frames <= FRAMES_MAX; ) {
    if (view.getUint32(at) === 0x414e4d46) frames += 1;
    const bytes = view.getUint32(at + 4, true);
    at += 8 + bytes + (bytes & 1);
  }
  return frames;
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

/** BITMAPCOREHEADER (12 bytes, 16-bit sizes) or any BITMAPINFOHEADER, where a negative height means top-down. */
function readBmpHeader(view: DataView): HeaderFacts | undefined {
  if (view.getUint32(14, true) === 12) {
    return { width: view.getUint16(18, true), height: view.getUint16(20, true), frames: 1 };
  }
  return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)), frames: 1 };
}

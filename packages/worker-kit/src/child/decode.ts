import type { Words } from '@lensgate/contracts';
import { Transformer } from '@napi-rs/image';
import sharp, { type Sharp } from 'sharp';
import { freeMemory } from './free-memory.js';
import { ImageError } from './image-error.js';
import { FORMAT_NAMES, FRAMES_MAX, type ImageFormat, type ImageHeader } from './image-format.js';
import { readImageHeader } from './image-header.js';
import { asAvifPicture } from './image-header-avif.js';
import { cmykToRgb, greyToRgb, rgbaToRgb } from './pixel-layout.js';
import { unusualKind } from './unusual-kind.js';

export interface DecodedImage {
  /** As a person sees it: EXIF orientation applied; px. */
  width: number;
  height: number;
  /** [height, width, 3] RGB, 8 bit. */
  data: Uint8Array;
  format: ImageFormat;
  /** Sentences for the person who sent the picture. */
  warnings: Words[];
}

/** libvips operations that may read a picture from memory; every other loader (SVG, PDF, ImageMagick, …) stays blocked. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((name) => `VipsForeignLoad${name}Buffer`);

// One picture is in memory at a time, and the next is another one: a cache of operations only holds on to memory.
sharp.cache(false);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: LOADERS });

/** Threads that one decode or encode may use; a child is told its share of the cores. */
export function setImageThreads(threads: number): void {
  sharp.concurrency(threads);
}

/**
 * Decodes a picture to the pixels that OpenCV's `imread(IMREAD_COLOR)`, and so Ultralytics, gives for it, in RGB order:
 * EXIF orientation applied, ICC profile ignored, alpha dropped (not blended), grey repeated, 16 bits cut to the upper 8.
 * CMYK is converted by `R = (255 − C)(255 − K) / 255`, as OpenCV (and Pillow, within 2 of 255) does, without its profile:
 * these are the colours that a model was trained on. Of several frames or pages the first is taken.
 *
 * @param bytes the whole file; the format is told from its content, never from a name
 * @throws ImageError UNSUPPORTED_IMAGE, IMAGE_DAMAGED (also for a file that is cut short: a half-decoded picture never
 *   reaches a model) or IMAGE_TOO_LARGE (told from the header, before anything is decoded)
 */
export async function decodeImage(bytes: Uint8Array, { pixelsMax }: { pixelsMax: number }): Promise<DecodedImage> {
  const header = readImageHeader(bytes);
  refuseTooLarge(header, pixelsMax);
  refuseTooManyFrames(header);
  const warnings: Words[] = [];
  if (header.frames > 1) warnings.push(firstFrameWarning(header.format));
  const pixels = await (header.format === 'bmp' ? decodeBmp(bytes) : decodeWithVips(bytes, header, pixelsMax)).catch(
    (error: unknown) => {
      throw asImageError(error, header, pixelsMax);
    },
  );
  if (pixels.channels === 'cmyk') {
    warnings.push(cmykWarning);
  }
  return { width: pixels.width, height: pixels.height, data: pixels.data, format: header.format, warnings };
}

function refuseTooLarge(header: ImageHeader, limitPixels: number): void {
  const { width, height } = header;
  const pixels = width * height;
  if (pixels <= limitPixels) return;
  const megapixels = (count: number) =>
    `${(count / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} megapixels`;
  throw new ImageError(
    'IMAGE_TOO_LARGE',
    {
      en: `The picture has ${width}×${height} pixels (${megapixels(pixels)}); at most ${megapixels(limitPixels)} are decoded. Send a smaller one.`,
      ko: `이미지가 ${width}×${height}픽셀(${megapixels(pixels)})입니다. ${megapixels(limitPixels)}까지 디코딩합니다.`,
    },
    { width, height, pixels, limitPixels },
  );
}

function refuseTooManyFrames({ format, frames }: ImageHeader): void {
  if (frames <= FRAMES_MAX) return;
  const [pages, pagesKo] = format === 'tiff' ? ['pages', '페이지'] : ['frames', '프레임'];
  throw new ImageError(
    'UNSUPPORTED_IMAGE',
    {
      en: `The ${FORMAT_NAMES[format]} file has more than ${FRAMES_MAX} ${pages}. Send the one that is meant.`,
      ko: `${FORMAT_NAMES[format]} 파일의 ${pagesKo}가 ${FRAMES_MAX}개를 넘습니다. 필요한 한 장만 보내세요.`,
    },
    { format },
  );
}

interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
  /** What the file held, as far as a warning depends on it. */
  channels: 'rgb' | 'cmyk';
}

async function decodeWithVips(bytes: Uint8Array, header: ImageHeader, pixelsMax: number): Promise<Pixels> {
  const isAnimatedAvif = header.format === 'avif' && header.frames > 1;
  const image = sharp(isAnimatedAvif ? asAvifPicture(bytes) : bytes, {
    autoOrient: true,
    ignoreIcc: true,
    // Not 'warning': stray bytes in an otherwise whole JPEG are common, and every viewer shows such a picture.
    failOn: 'error',
    limitInputPixels: pixelsMax,
    page: 0,
    pages: 1,
    sequentialRead: true,
  });
  const isCmyk = await isInCmyk(image, header);
  if (isCmyk) image.pipelineColourspace('cmyk').toColourspace('cmyk');
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const rgb = takeRgb(data, isCmyk ? cmykToRgb : toRgb, info.channels);
  return { width, height, data: rgb, channels: isCmyk ? 'cmyk' : 'rgb' };
}

/** Only JPEG and TIFF can be. libjpeg takes all that has four components for CMYK, or for YCCK, which is read as CMYK. */
async function isInCmyk(image: Sharp, { format, components }: ImageHeader): Promise<boolean> {
  if (format === 'jpeg') return components === 4;
  return format === 'tiff' && (await image.metadata()).space === 'cmyk';
}

/** libvips reads no BMP; this decoder is written in a memory-safe language. Alpha is dropped as everywhere. */
async function decodeBmp(bytes: Uint8Array): Promise<Pixels> {
  const image = new Transformer(bytes);
  const { width, height } = await image.metadata();
  const data = await image.rawPixels();
  return { width, height, data: takeRgb(data, toRgb, data.length / (width * height)), channels: 'rgb' };
}

/** Converts what a decoder gave, and keeps no more than the outcome. */
function takeRgb(data: Uint8Array, convert: typeof toRgb, channels: number): Uint8Array {
  const rgb = convert(data, channels);
  if (rgb !== data) freeMemory(data);
  return rgb;
}

function toRgb(data: Uint8Array, channels: number): Uint8Array {
  switch (channels) {
    case 3:
      return data;
    case 4:
      return rgbaToRgb(data);
    case 1:
    case 2:
      return greyToRgb(data, channels);
    default:
      throw new Error(`unexpected channels: ${channels}`);
  }
}

const cmykWarning = {
  en: 'The picture is in CMYK; its colours were converted to RGB without its colour profile.',
  ko: 'CMYK 이미지입니다. 색상 프로파일을 쓰지 않고 RGB로 변환했습니다.',
};

function firstFrameWarning(format: ImageFormat): Words {
  return format === 'tiff'
    ? {
        en: 'The TIFF file has several pages; the first one was used.',
        ko: 'TIFF 파일에 페이지가 여러 개 있습니다. 첫 페이지를 사용했습니다.',
      }
    : {
        en: `The ${FORMAT_NAMES[format]} picture is animated; its first frame was used.`,
        ko: `움직이는 ${FORMAT_NAMES[format]} 이미지입니다. 첫 프레임을 사용했습니다.`,
      };
}

/** A decoder's own words may hold paths and jargon, so only their kind is kept. */
function asImageError(error: unknown, { format, width, height }: ImageHeader, limitPixels: number): ImageError {
  const text = error instanceof Error ? error.message : String(error);
  const name = FORMAT_NAMES[format];
  if (/pixel limit|too large|exceeds/i.test(text)) {
    return new ImageError(
      'IMAGE_TOO_LARGE',
      {
        en: `The ${name} picture is larger than its header says, and larger than the limit.`,
        ko: `${name} 이미지가 헤더에 적힌 것보다 크고 한도를 넘습니다.`,
      },
      {
        format,
        width,
        height,
        limitPixels,
      },
    );
  }
  // "unsupported image format" is what libvips says of a header that it cannot follow: ours has recognised the format.
  const isUnusual = /unsupported(?! image format)|not supported|not implemented|unknown (codec|compression)/i.test(
    text,
  );
  if (isUnusual) return unusualKind(format);
  return new ImageError(
    'IMAGE_DAMAGED',
    {
      en: `The ${name} file is damaged or cut short. Send it again, or save it anew.`,
      ko: `${name} 파일이 손상되었거나 중간에 잘렸습니다. 다시 보내거나 새로 저장하세요.`,
    },
    {
      format,
    },
  );
}

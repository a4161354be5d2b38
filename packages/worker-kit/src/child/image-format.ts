import type { Words } from '@lensgate/contracts';

/** The formats that are decoded. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif' | 'tiff' | 'bmp';

/** Their names as a person writes them. */
export const FORMAT_NAMES: Readonly<Record<ImageFormat, string>> = {
  jpeg: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  avif: 'AVIF',
  gif: 'GIF',
  tiff: 'TIFF',
  bmp: 'BMP',
};

export const SUPPORTED_FORMATS: readonly string[] = Object.values(FORMAT_NAMES);

/** `JPEG, PNG, … or BMP`, for sentences. */
export const SUPPORTED_FORMATS_TEXT: Words = {
  en: `${SUPPORTED_FORMATS.slice(0, -1).join(', ')} or ${SUPPORTED_FORMATS.at(-1)}`,
  ko: SUPPORTED_FORMATS.join(', '),
};

/** What is said of a file in another format. @param what `a PDF document` */
export const sendSupported = (what: Words): Words => ({
  en: `The file is ${what.en}. Send ${SUPPORTED_FORMATS_TEXT.en}.`,
  ko: `${what.ko}입니다. ${SUPPORTED_FORMATS_TEXT.ko} 형식의 이미지를 보내세요.`,
});

/**
 * Frames or pages of one file. Decoders look at each of them before they give the first, some at all again for each: a file
 * of the size limit may hold a million.
 */
export const FRAMES_MAX = 1_000;

/** What a header reader finds; it answers undefined where the bytes end before the size is known. */
export interface HeaderFacts {
  /** As stored, before EXIF orientation; px. For AVIF the largest declared extent, which bounds what is decoded. */
  width: number;
  height: number;
  /** Frames or pages, counted to one more than FRAMES_MAX; 2 for several where a format does not tell how many. */
  frames: number;
  /** Colour components of a JPEG: four are CMYK. */
  components?: number;
}

export interface ImageHeader extends HeaderFacts {
  format: ImageFormat;
}

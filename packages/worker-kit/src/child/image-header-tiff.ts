import { ImageError } from './image-error.js';
import { FRAMES_MAX, type HeaderFacts, SUPPORTED_FORMATS, sendSupported } from './image-format.js';
import { RAW_PICTURE } from './image-header-foreign.js';
import { unusualKind } from './unusual-kind.js';

const WIDTH_TAG = 256;
const HEIGHT_TAG = 257;
const BITS_TAG = 258;
const COMPRESSION_TAG = 259;
const PHOTOMETRIC_TAG = 262;
const SAMPLE_FORMAT_TAG = 339;
/** DNGVersion: a raw camera file, whose first page is only a thumbnail. */
const DNG_TAG = 50706;
const SHORT = 3;
const LONG = 4;
const LONG8 = 16;

/**
 * TIFF 6.0 section 2 and BigTIFF: ImageWidth and ImageLength of the first IFD, and how many IFDs follow one another.
 * @throws ImageError UNSUPPORTED_IMAGE for raw camera files, and for pixels that would be decoded to something else
 */
export function readTiffHeader(view: DataView): HeaderFacts | undefined {
  if (view.byteLength < 16) return undefined;
  const isLittle = view.getUint8(0) === 0x49;
  const isBig = view.getUint16(2, isLittle) === 43;
  const readOffset = (at: number) => {
    if (at + (isBig ? 8 : 4) > view.byteLength) return 0;
    return isBig ? Number(view.getBigUint64(at, isLittle)) : view.getUint32(at, isLittle);
  };
  const ifdAt = readOffset(isBig ? 8 : 4);
  const countBytes = isBig ? 8 : 2;
  const entryBytes = isBig ? 20 : 12;
  if (ifdAt === 0 || ifdAt + countBytes > view.byteLength) return undefined;
  const count = isBig ? Number(view.getBigUint64(ifdAt, isLittle)) : view.getUint16(ifdAt, isLittle);
  const entriesAt = ifdAt + countBytes;
  const entriesEnd = entriesAt + count * entryBytes;
  if (entriesEnd > view.byteLength) return undefined;

  const values = new Map<number, number>();
  for (let at = entriesAt; at < entriesEnd; at += entryBytes) {
    const tag = view.getUint16(at, isLittle);
    if (tag === DNG_TAG)
      throw new ImageError('UNSUPPORTED_IMAGE', sendSupported(RAW_PICTURE), {
        format: RAW_PICTURE.en,
        supported: SUPPORTED_FORMATS,
      });
    if (!readTags.has(tag)) continue;
    const value = firstValue(view, at, { isBig, isLittle });
    if (value !== undefined) values.set(tag, value);
  }
  if (isUnusual(values)) throw unusualKind('tiff');
  const [width = 0, height = 0] = [values.get(WIDTH_TAG), values.get(HEIGHT_TAG)];
  const endOfIfd = (at: number): number | undefined => {
    if (at === 0 || at + countBytes > view.byteLength) return undefined;
    const entries = isBig ? Number(view.getBigUint64(at, isLittle)) : view.getUint16(at, isLittle);
    return at + countBytes + entries * entryBytes;
  };
  let frames = 1;
  // A chain that runs in a circle ends at the limit too.
  for (let end = endOfIfd(readOffset(entriesEnd)); end !== undefined && frames <= FRAMES_MAX; frames++)
    end = endOfIfd(readOffset(end));
  return { width, height, frames };
}

const readTags = new Set([WIDTH_TAG, HEIGHT_TAG, BITS_TAG, COMPRESSION_TAG, PHOTOMETRIC_TAG, SAMPLE_FORMAT_TAG]);

/** What libvips would read as other colours without a word, or call damaged: as OpenCV, it is not read. */
function isUnusual(values: ReadonlyMap<number, number>): boolean {
  const compression = values.get(COMPRESSION_TAG) ?? 1;
  const photometric = values.get(PHOTOMETRIC_TAG) ?? 0;
  const isYcc = photometric === 6 && ![6, 7].includes(compression);
  const isLab = photometric >= 8 && photometric <= 10;
  const isUnread = [34_925, 50_000].includes(compression);
  const isOfWholeNumbers = [1, 4].includes(values.get(SAMPLE_FORMAT_TAG) ?? 1);
  return isYcc || isLab || isUnread || !isOfWholeNumbers || (values.get(BITS_TAG) ?? 1) > 16;
}

const typeBytes = new Map([
  [SHORT, 2],
  [LONG, 4],
  [LONG8, 8],
]);

/**
 * The first number of an entry; those of a picture's channels are alike. Numbers that have no room in the entry stand
 * elsewhere in the file, and the entry says where.
 * @returns undefined where it lies outside of the file, or is no whole number
 */
function firstValue(
  view: DataView,
  entryAt: number,
  { isBig, isLittle }: { isBig: boolean; isLittle: boolean },
): number | undefined {
  const read = (bytes: number, at: number): number => {
    if (bytes === 2) return view.getUint16(at, isLittle);
    return bytes === 4 ? view.getUint32(at, isLittle) : Number(view.getBigUint64(at, isLittle));
  };
  const bytes = typeBytes.get(view.getUint16(entryAt + 2, isLittle));
  if (bytes === undefined) return undefined;
  const wordBytes = isBig ? 8 : 4;
  const count = read(wordBytes, entryAt + 4);
  const fieldAt = entryAt + 4 + wordBytes;
  const valueAt = bytes * count > wordBytes ? read(wordBytes, fieldAt) : fieldAt;
  return valueAt + bytes <= view.byteLength ? read(bytes, valueAt) : undefined;
}

import { ImageError } from './image-error.js';
import { FRAMES_MAX, type HeaderFacts, SUPPORTED_FORMATS, sendSupported } from './image-format.js';
import { RAW_PICTURE } from './image-header-foreign.js';

const WIDTH_TAG = 256;
const HEIGHT_TAG = 257;
/** DNGVersion: a raw camera file, whose first page is only a thumbnail. */
const DNG_TAG = 50706;
const SHORT = 3;
const LONG = 4;
const LONG8 = 16;

/** TIFF 6.0 section 2 and BigTIFF: ImageWidth and ImageLength of the first IFD, and how many IFDs follow one another. */
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

  let width = 0;
  let height = 0;
  for (let at = entriesAt; at < entriesEnd; at += entryBytes) {
    const tag = view.getUint16(at, isLittle);
    if (tag === DNG_TAG)
      throw new ImageError('UNSUPPORTED_IMAGE', sendSupported(RAW_PICTURE), {
        format: RAW_PICTURE.en,
        supported: SUPPORTED_FORMATS,
      });
    if (tag !== WIDTH_TAG && tag !== HEIGHT_TAG) continue;
    const value = readValue(view, at + 2, at + (isBig ? 12 : 8), isLittle);
    if (tag === WIDTH_TAG) width = value;
    else height = value;
  }
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

function readValue(view: DataView, typeAt: number, valueAt: number, isLittle: boolean): number {
  switch (view.getUint16(typeAt, isLittle)) {
    case SHORT:
      return view.getUint16(valueAt, isLittle);
    case LONG:
      return view.getUint32(valueAt, isLittle);
    case LONG8:
      return Number(view.getBigUint64(valueAt, isLittle));
    default:
      return 0;
  }
}

import type { HeaderFacts } from './image-format.js';
import { unusualKind } from './unusual-kind.js';

/** Boxes on the way from the file to its image extents: ISO/IEC 14496-12 `meta`, ISO/IEC 23008-12 `iprp`/`ipco`/`ispe`. */
const CONTAINERS = new Set(['meta', 'iprp', 'ipco']);
const BOXES_MAX = 10_000;
/** After the size and the type of the first box, `ftyp`. */
const majorBrandAt = 8;

/** Largest image extent of an AVIF file (thumbnails, alpha planes and grid tiles carry smaller ones). */
export function readAvifHeader(view: DataView): HeaderFacts | undefined {
  let width = 0;
  let height = 0;
  let boxes = 0;
  const walk = (from: number, end: number): void => {
    let at = from;
    while (at + 8 <= end && boxes < BOXES_MAX) {
      boxes += 1;
      const declared = view.getUint32(at);
      const isLong = declared === 1 && at + 16 <= end;
      const headBytes = isLong ? 16 : 8;
      const bytes = isLong ? Number(view.getBigUint64(at + 8)) : declared === 0 ? end - at : declared;
      if (bytes < headBytes) return;
      const boxEnd = Math.min(at + bytes, end);
      const type = boxType(view, at + 4);
      if (CONTAINERS.has(type)) walk(at + headBytes + (type === 'meta' ? 4 : 0), boxEnd);
      else if (type === 'ispe' && at + headBytes + 12 <= boxEnd) {
        const next = { width: view.getUint32(at + headBytes + 4), height: view.getUint32(at + headBytes + 8) };
        if (next.width * next.height > width * height) ({ width, height } = next);
      }
      at += bytes;
    }
  };
  walk(0, view.byteLength);
  // By its major brand (AV1 Image File Format 1.1, section 6.3).
  const isSequence = boxType(view, majorBrandAt) === 'avis';
  // A sequence may come without a picture of its own beside its frames.
  if (width === 0 && isSequence) throw unusualKind('avif');
  return width === 0 ? undefined : { width, height, frames: isSequence ? 2 : 1 };
}

/**
 * The same file, said to be a picture: libvips takes no animation for an AVIF file, although the picture that stands for it
 * is written as that of any other.
 */
export function asAvifPicture(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.write('avif', majorBrandAt, 'latin1');
  return copy;
}

function boxType(view: DataView, at: number): string {
  if (at + 4 > view.byteLength) return '';
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}

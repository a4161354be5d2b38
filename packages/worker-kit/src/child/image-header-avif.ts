import type { HeaderFacts } from './image-format.js';

/** Boxes on the way from the file to its image extents: ISO/IEC 14496-12 `meta`, ISO/IEC 23008-12 `iprp`/`ipco`/`ispe`. */
const CONTAINERS = new Set(['meta', 'iprp', 'ipco']);
const BOXES_MAX = 10_000;

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
  const isSequence = boxType(view, 8) === 'avis';
  return width === 0 ? undefined : { width, height, frames: isSequence ? 2 : 1 };
}

function boxType(view: DataView, at: number): string {
  if (at + 4 > view.byteLength) return '';
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}

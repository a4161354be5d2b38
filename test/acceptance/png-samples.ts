import { inflateSync } from 'node:zlib';

/** A PNG's samples as they stand in the file, with nothing made of them: image libraries answer colours. */
export interface PngSamples {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  /** 0 grey, 2 RGB, 3 indexed, 4 grey and alpha, 6 RGBA */
  readonly colourType: number;
  /** [height, width × samples a pixel]; 16 bit is big-endian in two bytes */
  readonly samples: Uint8Array;
  /** [entries, 3] RGB; empty without a palette */
  readonly palette: Uint8Array;
}

const samplesPerPixel: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * Reads a PNG of 8 or 16 bits a sample, not interlaced.
 * @throws Error for any other
 */
export function pngSamples(file: Buffer): PngSamples {
  const chunks = chunksOf(file);
  const header = chunks.find(({ type }) => type === 'IHDR')?.data;
  if (!header) throw new Error('no PNG');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [bitDepth = 0, colourType = 0, , , interlaced] = header.subarray(8);
  const perPixel = samplesPerPixel[colourType];
  if (bitDepth < 8 || interlaced !== 0 || !perPixel) throw new Error('a kind of PNG that is not read here');
  const pixelBytes = (perPixel * bitDepth) / 8;
  const rows = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  return {
    width,
    height,
    bitDepth,
    colourType,
    samples: unfiltered(rows, { rowBytes: width * pixelBytes, pixelBytes, height }),
    palette: chunks.find(({ type }) => type === 'PLTE')?.data ?? new Uint8Array(),
  };
}

function chunksOf(file: Buffer): { type: string; data: Buffer }[] {
  const chunks = [];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    chunks.push({ type: file.toString('latin1', at + 4, at + 8), data: file.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

/** PNG specification, section 9: each row says what was subtracted from it. */
function unfiltered(
  rows: Uint8Array,
  { rowBytes, pixelBytes, height }: { rowBytes: number; pixelBytes: number; height: number },
): Uint8Array {
  const samples = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (rowBytes + 1)]!;
    for (let x = 0; x < rowBytes; x++) {
      const at = y * rowBytes + x;
      const left = x < pixelBytes ? 0 : samples[at - pixelBytes]!;
      const above = y === 0 ? 0 : samples[at - rowBytes]!;
      const corner = x < pixelBytes || y === 0 ? 0 : samples[at - rowBytes - pixelBytes]!;
      samples[at] = rows[y * (rowBytes + 1) + 1 + x]! + predicted(filter, left, above, corner);
    }
  }
  return samples;
}

function predicted(filter: number, left: number, above: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  if (filter !== 4) return 0;
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((value) => Math.abs(left + above - corner - value));
  if (toLeft! <= toAbove! && toLeft! <= toCorner!) return left;
  return toAbove! <= toCorner! ? above : corner;
}

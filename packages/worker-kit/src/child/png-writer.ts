import { promisify } from 'node:util';
import { constants, crc32, deflate } from 'node:zlib';
import { freeMemory } from './free-memory.js';

const deflateAsync = promisify(deflate);

const KINDS = {
  'indexed-8': { bitDepth: 8, colourType: 3, sampleBytes: 1 },
  'grey-16': { bitDepth: 16, colourType: 0, sampleBytes: 2 },
} as const;

/**
 * Writes a PNG (RFC 2083, third edition of the W3C recommendation) of one sample a pixel. Image libraries rearrange or
 * drop palette entries; here samples and palette go into the file as they are.
 *
 * @param samples [height, width], as they stand in the file: one byte each, or two, big-endian
 * @param palette [entries ≤ 256, 3] RGB, for `indexed-8`
 * @throws RangeError where samples are too few or too many, or one of `indexed-8` has no palette entry
 */
export async function writePng(options: {
  width: number;
  height: number;
  samples: Uint8Array;
  kind: keyof typeof KINDS;
  palette?: Uint8Array;
}): Promise<Buffer> {
  const { width, height, samples, kind, palette } = options;
  const { bitDepth, colourType, sampleBytes } = KINDS[kind];
  const rowBytes = width * sampleBytes;
  if (samples.length !== rowBytes * height) {
    throw new RangeError(`${samples.length} bytes are no ${width}×${height} ${kind} picture`);
  }

  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bitDepth;
  header[9] = colourType;

  const { filtered, largest } = filterRows(samples, rowBytes, height);
  if (palette !== undefined && largest * 3 >= palette.length) {
    throw new RangeError(`index ${largest} has no colour: the palette has ${palette.length / 3}`);
  }
  const pixels = await deflateAsync(filtered, {
    level: 1,
    // Masks are long runs: with the filter below they become runs of zeros, for which RLE is as small and faster.
    strategy: kind === 'indexed-8' ? constants.Z_RLE : constants.Z_DEFAULT_STRATEGY,
    chunkSize: 256 * 1024,
  });
  freeMemory(filtered);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...(palette === undefined ? [] : [chunk('PLTE', palette)]),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Where two rows of a mask differ, they do so in few places. */
const blockBytes = 256;

/**
 * Filter 2 (Up) for every row: the difference to the row above, modulo 256. Blocks that equal those above them are
 * compared with one call and stay the zeros that they begin as.
 * @returns largest: of the samples' bytes
 */
function filterRows(samples: Uint8Array, rowBytes: number, rows: number): { filtered: Uint8Array; largest: number } {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const filtered = new Uint8Array((rowBytes + 1) * rows);
  let largest = 0;
  for (let row = 0; row < rows; row++) {
    const shift = row + 1;
    const rowEnd = (row + 1) * rowBytes;
    filtered[row * rowBytes + row] = 2;
    for (let from = row * rowBytes; from < rowEnd; from += blockBytes) {
      const end = Math.min(from + blockBytes, rowEnd);
      if (row > 0 && bytes.compare(bytes, from - rowBytes, end - rowBytes, from, end) === 0) continue;
      for (let at = from; at < end; at++) {
        const sample = samples[at]!;
        // Every value stands in the first row, or differs from the one above where it first comes.
        if (sample > largest) largest = sample;
        filtered[at + shift] = row === 0 ? sample : sample - samples[at - rowBytes]!;
      }
    }
  }
  return { filtered, largest };
}

function chunk(type: string, data: Uint8Array): Buffer {
  const framed = Buffer.alloc(12 + data.length);
  framed.writeUInt32BE(data.length, 0);
  framed.write(type, 4, 'latin1');
  framed.set(data, 8);
  framed.writeUInt32BE(crc32(framed.subarray(4, 8 + data.length)), 8 + data.length);
  return framed;
}

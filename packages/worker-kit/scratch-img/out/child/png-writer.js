import { promisify } from 'node:util';
import { constants, crc32, deflate } from 'node:zlib';
const deflateAsync = promisify(deflate);
const KINDS = {
    'indexed-8': { bitDepth: 8, colourType: 3, sampleBytes: 1 },
    'grey-16': { bitDepth: 16, colourType: 0, sampleBytes: 2 },
};
/**
 * Writes a PNG (RFC 2083, third edition of the W3C recommendation) of one sample a pixel. Image libraries rearrange or
 * drop palette entries; here samples and palette go into the file as they are.
 *
 * @param samples [height, width], as they stand in the file: one byte each, or two, big-endian
 * @param palette [entries ≤ 256, 3] RGB, for `indexed-8`
 */
export async function writePng(options) {
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
    const pixels = await deflateAsync(filterRows(samples, rowBytes, height), {
        level: 1,
        // Masks are long runs: with the filter below they become runs of zeros, for which RLE is as small and faster.
        strategy: kind === 'indexed-8' ? constants.Z_RLE : constants.Z_DEFAULT_STRATEGY,
        chunkSize: 256 * 1024,
    });
    return Buffer.concat([
        Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
        chunk('IHDR', header),
        ...(palette === undefined ? [] : [chunk('PLTE', palette)]),
        chunk('IDAT', pixels),
        chunk('IEND', Buffer.alloc(0)),
    ]);
}
/** Filter 2 (Up) for every row: the difference to the row above, modulo 256. */
function filterRows(samples, rowBytes, rows) {
    const filtered = new Uint8Array((rowBytes + 1) * rows);
    for (let row = 0, from = 0, to = 0; row < rows; row++) {
        filtered[to++] = 2;
        if (row === 0) {
            filtered.set(samples.subarray(0, rowBytes), to);
            from += rowBytes;
            to += rowBytes;
            continue;
        }
        for (const end = from + rowBytes; from < end; from++)
            filtered[to++] = samples[from] - samples[from - rowBytes];
    }
    return filtered;
}
function chunk(type, data) {
    const framed = Buffer.alloc(12 + data.length);
    framed.writeUInt32BE(data.length, 0);
    framed.write(type, 4, 'latin1');
    framed.set(data, 8);
    framed.writeUInt32BE(crc32(framed.subarray(4, 8 + data.length)), 8 + data.length);
    return framed;
}

import { inflateSync } from 'node:zlib';
import { instancePalette, type Rgb } from '@lensgate/vision';
import { describe, expect, test } from 'vitest';
import { seededRandom, somePixels } from '../../test/pictures.js';
import { decodeImage } from './decode.js';
import { canHold, encodeGrey16Png, encodeIndexedPng, encodeOverlay } from './encode.js';

const decode = (bytes: Uint8Array) => decodeImage(bytes, { pixelsMax: 1e8 });

/** Chunks of a PNG by name, for asserting what really lies in the file. */
function chunksOf(png: Buffer): Map<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  return chunks;
}

/** Undoes filters 0 (none) and 2 (up), the only ones that the writer uses: [height, rowBytes]. */
function samplesOf(png: Buffer, rowBytes: number): Uint8Array {
  const filtered = inflateSync(chunksOf(png).get('IDAT')!);
  const rows = filtered.length / (rowBytes + 1);
  const samples = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; row++) {
    for (let x = 0; x < rowBytes; x++) {
      const above = row > 0 && filtered[row * (rowBytes + 1)] === 2 ? samples[(row - 1) * rowBytes + x]! : 0;
      samples[row * rowBytes + x] = filtered[row * (rowBytes + 1) + 1 + x]! + above;
    }
  }
  return samples;
}

describe('an overlay as PNG', () => {
  test.each([
    [1, 1, undefined],
    [1, 50, undefined],
    [77, 31, undefined],
    [77, 31, 0],
  ])('gives pixels back unchanged at %i×%i, quick up to %s bytes', async (width, height, quickMax) => {
    const { data } = somePixels(width, height);
    const options = quickMax === undefined ? {} : { quickMax };
    const png = await encodeOverlay({ width, height, data: Uint8Array.from(data) }, 'png', options);
    const decoded = await decode(png);
    expect(decoded).toMatchObject({ width, height, format: 'png' });
    expect(Buffer.compare(decoded.data, data)).toBe(0);
  });

  test('refuses pixels that do not fit the size', async () => {
    await expect(encodeOverlay({ width: 3, height: 3, data: new Uint8Array(20) }, 'png')).rejects.toThrow(RangeError);
  });
});

test.each(['png', 'jpeg', 'webp'] as const)('an overlay is written as %s, near to its pixels', async (format) => {
  const data = Uint8Array.from({ length: 90 * 60 * 3 }, (_, at) => 90 + (at % 270) / 3);
  const decoded = await decode(await encodeOverlay({ width: 90, height: 60, data: Uint8Array.from(data) }, format));
  expect(decoded).toMatchObject({ format, width: 90, height: 60 });
  const mean = data.reduce((sum, value, at) => sum + Math.abs(value - decoded.data[at]!), 0) / data.length;
  expect(mean).toBeLessThan(format === 'png' ? 1e-9 : 5);
});

test('an overlay larger than its format can hold is refused with the limit', async () => {
  const wide = { width: 16_384, height: 1, data: new Uint8Array(16_384 * 3).fill(255) };
  expect(canHold('webp', wide)).toBe(false);
  await expect(encodeOverlay(wide, 'webp')).rejects.toThrow('at most 16383 px a side');
  expect(canHold('png', wide)).toBe(true);
  expect((await decode(await encodeOverlay(wide, 'png'))).width).toBe(16_384);
});

describe('encodeIndexedPng', () => {
  test.each([2, 9, 256])('keeps indices and palette exactly, with %i colours', async (colours) => {
    const random = seededRandom(colours);
    const indices = Uint8Array.from({ length: 33 * 21 }, () => random() * colours);
    const palette = instancePalette(colours - 1);
    const { bytes, layout } = await encodeIndexedPng(indices, { width: 33, height: 21, palette });
    expect(layout).toBe('indexed-8');
    const chunks = chunksOf(bytes);
    expect([...chunks.get('IHDR')!.subarray(8)]).toEqual([8, 3, 0, 0, 0]);
    expect([...chunks.get('PLTE')!]).toEqual(palette.flat());
    expect([...samplesOf(bytes, 33)]).toEqual([...indices]);
    const shown = await decode(bytes);
    expect([...shown.data]).toEqual([...indices].flatMap((index) => palette[index] as readonly number[]));
  });

  test.each([
    ['few pixels differ from those above', 700, (at: number) => (at % 997 === 0 || at % 700 > 650 ? 3 : 0)],
    ['rows are as long as a block', 256, (at: number) => (at >> 8) % 5],
    ['the only change is the last pixel', 513, (at: number) => (at === 513 * 9 - 1 ? 4 : 2)],
  ])('keeps indices exactly where %s', async (_name, width, indexAt) => {
    const indices = Uint8Array.from({ length: width * 9 }, (_, at) => indexAt(at));
    const { bytes } = await encodeIndexedPng(indices, { width, height: 9, palette: instancePalette(4) });
    expect(Buffer.from(samplesOf(bytes, width)).equals(indices)).toBe(true);
  });

  test('keeps entries that no pixel uses, and entries of the same colour apart', async () => {
    const grey: Rgb = [9, 9, 9];
    const indices = Uint16Array.from([0, 3, 3, 0]);
    const { bytes } = await encodeIndexedPng(indices, { width: 2, height: 2, palette: [grey, grey, grey, grey, grey] });
    expect([...samplesOf(bytes, 2)]).toEqual([0, 3, 3, 0]);
    expect(chunksOf(bytes).get('PLTE')!.length).toBe(15);
  });

  test('with more entries than a palette can hold, gives a 16-bit grey picture of the indices', async () => {
    const indices = Uint16Array.from({ length: 700 }, (_, at) => at);
    const { bytes, layout } = await encodeIndexedPng(indices, { width: 70, height: 10, palette: instancePalette(699) });
    expect(layout).toBe('grey-16');
    expect([...chunksOf(bytes).get('IHDR')!.subarray(8)]).toEqual([16, 0, 0, 0, 0]);
    const samples = Buffer.from(samplesOf(bytes, 140)).swap16();
    expect([...new Uint16Array(samples.buffer, samples.byteOffset, 700)]).toEqual([...indices]);
  });

  test.each([
    ['bytes', Uint8Array.from([0, 5])],
    ['numbers', Uint16Array.from([0, 5])],
  ])('refuses an index without a colour: %s', async (_name, indices) => {
    await expect(encodeIndexedPng(indices, { width: 2, height: 1, palette: instancePalette(4) })).rejects.toThrow(
      'index 5 has no colour',
    );
  });
});

test('encodeGrey16Png keeps every value, and leaves its input as it was', async () => {
  const random = seededRandom(2);
  const values = Uint16Array.from({ length: 40 * 30 }, () => random() * 65536);
  const copy = values.slice();
  const bytes = await encodeGrey16Png(values, { width: 40, height: 30 });
  const samples = Buffer.from(samplesOf(bytes, 80)).swap16();
  expect(new Uint16Array(samples.buffer, samples.byteOffset, values.length)).toEqual(copy);
  expect(values).toEqual(copy);
  expect([...(await decode(bytes)).data.filter((_, at) => at % 3 === 0)]).toEqual(
    [...values].map((value) => value >> 8),
  );
});

import { bmpPicture } from '@lensgate/testing';
import { describe, expect, test } from 'vitest';
import { encoderOf, encoderOfFrames, somePixels } from '../../test/pictures.js';
import { ImageError } from './image-error.js';
import { FRAMES_MAX } from './image-format.js';
import { readImageHeader } from './image-header.js';

const picture = somePixels(123, 45);
const frames = [somePixels(123, 45, 3, 1), somePixels(123, 45, 3, 2)];

describe('size and frames are read from the first bytes alone', () => {
  test.each([
    ['jpeg', () => encoderOf(picture).jpeg().toBuffer(), 700],
    ['jpeg', () => encoderOf(picture).jpeg({ progressive: true }).toBuffer(), 700],
    [
      'jpeg',
      () =>
        encoderOf(picture)
          .jpeg()
          .withExif({ IFD0: { Artist: 'x'.repeat(3000) } })
          .toBuffer(),
      4500,
    ],
    ['png', () => encoderOf(picture).png().toBuffer(), 40],
    ['webp', () => encoderOf(picture).webp().toBuffer(), 40],
    ['webp', () => encoderOf(picture).webp({ lossless: true }).toBuffer(), 40],
    [
      'webp',
      () =>
        encoderOf(somePixels(123, 45, 4))
          .webp()
          .toBuffer(),
      40,
    ],
    ['gif', () => encoderOf(picture).gif().toBuffer(), 13],
    ['avif', () => encoderOf(picture).avif().toBuffer(), 400],
    ['bmp', async () => bmpPicture(picture), 60],
  ] as [string, () => Promise<Buffer>, number][])('%s', async (format, make, bytes) => {
    const head = (await make()).subarray(0, bytes);
    const components = format === 'jpeg' ? { components: 3 } : {};
    expect(readImageHeader(head)).toEqual({ format, width: 123, height: 45, frames: 1, ...components });
  });

  test.each(['lzw', 'none'] as const)('tiff (%s), whose directory may stand at the end', async (compression) => {
    const header = readImageHeader(await encoderOf(picture).tiff({ compression }).toBuffer());
    expect(header).toEqual({ format: 'tiff', width: 123, height: 45, frames: 1 });
  });

  test('a big-endian TIFF and a BigTIFF', () => {
    const big = Buffer.alloc(64);
    big.write('MM\0*', 'latin1');
    big.writeUInt32BE(8, 4);
    big.writeUInt16BE(2, 8);
    big.set([1, 0, 0, 3, 0, 0, 0, 1, 0, 77, 0, 0], 10);
    big.set([1, 1, 0, 4, 0, 0, 0, 1, 0, 0, 1, 44], 22);
    expect(readImageHeader(big)).toEqual({ format: 'tiff', width: 77, height: 300, frames: 1 });

    const wide = Buffer.alloc(96);
    wide.write('II+\0', 'latin1');
    wide.writeUInt16LE(8, 4);
    wide.writeBigUInt64LE(16n, 8);
    wide.writeBigUInt64LE(2n, 16);
    [256, 257].forEach((tag, entry) => {
      wide.writeUInt16LE(tag, 24 + entry * 20);
      wide.writeUInt16LE(16, 26 + entry * 20);
      wide.writeBigUInt64LE(1n, 28 + entry * 20);
      wide.writeBigUInt64LE(BigInt(500 + entry), 36 + entry * 20);
    });
    expect(readImageHeader(wide)).toEqual({ format: 'tiff', width: 500, height: 501, frames: 1 });
  });

  test.each(['gif', 'webp', 'tiff'] as const)('an animated or many-paged %s', async (format) => {
    const header = readImageHeader(await encoderOfFrames(frames).toFormat(format).toBuffer());
    expect(header).toEqual({ format, width: 123, height: 45, frames: 2 });
  });

  test('an animated PNG', async () => {
    const still = await encoderOf(picture).png().toBuffer();
    const control = Buffer.alloc(20);
    control.writeUInt32BE(8, 0);
    control.write('acTL', 4);
    expect(readImageHeader(Buffer.concat([still.subarray(0, 33), control, still.subarray(33)])).frames).toBe(2);
  });

  test('a GIF frame beyond the declared screen counts', async () => {
    const gif = Buffer.from(await encoderOf(picture).gif().toBuffer());
    gif.writeUInt16LE(1, 6);
    gif.writeUInt16LE(1, 8);
    expect(readImageHeader(gif)).toMatchObject({ width: 123, height: 45 });
  });
});

describe('headers without a size are damaged, at every length', () => {
  test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('%s', async (format) => {
    const whole = await encoderOf(picture).toFormat(format).toBuffer();
    for (let length = 12; length < 60; length++) {
      try {
        expect(readImageHeader(whole.subarray(0, length))).toMatchObject({ width: 123, height: 45 });
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError);
        expect((error as ImageError).code).toMatch(/IMAGE_DAMAGED|UNSUPPORTED_IMAGE/);
      }
    }
  });

  test('a size of zero', async () => {
    const png = Buffer.from(await encoderOf(picture).png().toBuffer());
    png.writeUInt32BE(0, 16);
    expect(() => readImageHeader(png)).toThrow(expect.objectContaining({ code: 'IMAGE_DAMAGED' }));
  });
});

test('a raw camera file is not taken for the TIFF preview inside it', () => {
  const dng = Buffer.alloc(64);
  dng.write('II*\0', 'latin1');
  dng.writeUInt32LE(8, 4);
  dng.writeUInt16LE(1, 8);
  dng.writeUInt16LE(50706, 10);
  const refused = expect.objectContaining({
    code: 'UNSUPPORTED_IMAGE',
    message: expect.stringContaining('raw camera'),
  });
  expect(() => readImageHeader(dng)).toThrow(refused);
  const cr2 = Buffer.from('II*\0\x10\0\0\0CR\x02\0', 'latin1');
  expect(() => readImageHeader(cr2)).toThrow(refused);
});

describe('TIFF pixels that would be decoded to something else', () => {
  /** Of 8 bits a sample, but for the tags given. */
  function tiffOf(tags: Record<number, number>): Buffer {
    const entries = Object.entries({ 256: 18, 257: 18, 258: 8, ...tags });
    const file = Buffer.alloc(10 + entries.length * 12 + 32);
    file.write('II*\0', 'latin1');
    file.writeUInt32LE(8, 4);
    file.writeUInt16LE(entries.length, 8);
    for (const [index, [tag, value]] of entries.entries()) {
      const at = 10 + index * 12;
      file.writeUInt16LE(Number(tag), at);
      file.writeUInt16LE(3, at + 2);
      // The bits of three samples stand behind the directory.
      const isList = tag === '258';
      file.writeUInt32LE(isList ? 3 : 1, at + 4);
      if (!isList) file.writeUInt16LE(value, at + 8);
      else file.writeUInt32LE(10 + entries.length * 12, at + 8);
      if (isList) file.writeUInt16LE(value, 10 + entries.length * 12);
    }
    return file;
  }

  test.each([{}, { 258: 16 }, { 262: 2, 339: 1 }, { 262: 6, 259: 7 }, { 262: 5, 259: 5 }, { 339: 4 }])(
    'reads %j',
    (tags) => {
      expect(readImageHeader(tiffOf(tags))).toMatchObject({ format: 'tiff', width: 18 });
    },
  );

  test('reads a BigTIFF whose five channels have their bits elsewhere', () => {
    const file = Buffer.alloc(16 + 8 + 3 * 20 + 16);
    file.write('II+\0', 'latin1');
    file.writeUInt16LE(8, 4);
    file.writeBigUInt64LE(16n, 8);
    file.writeBigUInt64LE(3n, 16);
    const bitsAt = 24 + 3 * 20;
    for (const [index, [tag, count, value]] of [
      [256, 1, 18],
      [257, 1, 18],
      [258, 5, bitsAt],
    ].entries()) {
      file.writeUInt16LE(tag!, 24 + index * 20);
      file.writeUInt16LE(3, 26 + index * 20);
      file.writeBigUInt64LE(BigInt(count!), 28 + index * 20);
      file.writeBigUInt64LE(BigInt(value!), 36 + index * 20);
    }
    file.writeUInt16LE(8, bitsAt);
    expect(readImageHeader(file)).toMatchObject({ format: 'tiff', width: 18, height: 18 });
    file.writeUInt16LE(32, bitsAt);
    expect(() => readImageHeader(file)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_IMAGE' }));
  });

  test.each([
    ['YCbCr without JPEG', { 262: 6, 259: 1 }],
    ['CIELab', { 262: 8 }],
    ['32 bits', { 258: 32 }],
    ['floating point', { 339: 3 }],
    ['signed numbers', { 339: 2 }],
    ['ZSTD', { 259: 50_000 }],
    ['LZMA', { 259: 34_925 }],
  ])('refuses %s', (_name, tags) => {
    const refused = expect.objectContaining({
      code: 'UNSUPPORTED_IMAGE',
      message: expect.stringContaining('unusual compression or pixel type'),
    });
    expect(() => readImageHeader(tiffOf(tags))).toThrow(refused);
  });
});

describe('frames and pages are counted, to one more than there may be', () => {
  test('GIF', () => {
    const screen = Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
    const frame = Buffer.from('\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0', 'latin1');
    const gif = (count: number) => Buffer.concat([screen, ...Array<Buffer>(count).fill(frame)]);
    for (const count of [1, 2, 7, FRAMES_MAX]) expect(readImageHeader(gif(count)).frames).toBe(count);
    expect(readImageHeader(gif(100_000)).frames).toBe(FRAMES_MAX + 1);
  });

  test('WebP', async () => {
    const animated = Buffer.from(await encoderOfFrames(frames).webp().toBuffer());
    const at = animated.indexOf('ANMF');
    const frame = animated.subarray(at, at + 8 + animated.readUInt32LE(at + 4));
    const webp = (count: number) => Buffer.concat([animated.subarray(0, at), ...Array<Buffer>(count).fill(frame)]);
    for (const count of [2, 7, FRAMES_MAX]) expect(readImageHeader(webp(count)).frames).toBe(count);
    expect(readImageHeader(webp(10_000)).frames).toBe(FRAMES_MAX + 1);
  });

  test('TIFF, also one whose pages follow each other in a circle', () => {
    const ifdBytes = 2 + 2 * 12 + 4;
    const tiff = (count: number, nextOfLast = 0) => {
      const bytes = Buffer.alloc(8 + count * ifdBytes);
      bytes.write('II*\0', 'latin1');
      bytes.writeUInt32LE(8, 4);
      for (let page = 0; page < count; page++) {
        const at = 8 + page * ifdBytes;
        bytes.writeUInt16LE(2, at);
        bytes.set([0, 1, 3, 0, 1, 0, 0, 0, 9, 0, 0, 0], at + 2);
        bytes.set([1, 1, 3, 0, 1, 0, 0, 0, 9, 0, 0, 0], at + 14);
        bytes.writeUInt32LE(page + 1 < count ? at + ifdBytes : nextOfLast, at + 26);
      }
      return bytes;
    };
    for (const count of [1, 2, 7, FRAMES_MAX]) expect(readImageHeader(tiff(count)).frames).toBe(count);
    expect(readImageHeader(tiff(10_000)).frames).toBe(FRAMES_MAX + 1);
    expect(readImageHeader(tiff(3, 8)).frames).toBe(FRAMES_MAX + 1);
  });
});

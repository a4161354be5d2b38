import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bmpPicture } from '@lensgate/testing';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { encoderOf, encoderOfFrames, type Samples, seededRandom, somePixels } from '../../test/pictures.js';
import { decodeImage } from './decode.js';
import { ImageError } from './image-error.js';

const pixelsMax = 100e6;
const picture = somePixels(67, 41);

const decode = (bytes: Uint8Array) => decodeImage(bytes, { pixelsMax });

async function refusal(bytes: Uint8Array, limit = pixelsMax): Promise<ImageError> {
  const error = await decodeImage(bytes, { pixelsMax: limit }).catch((reason: unknown) => reason);
  if (!(error instanceof ImageError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error;
}

function expectPixels(decoded: { width: number; height: number; data: Uint8Array }, expected: Samples): void {
  expect([decoded.width, decoded.height]).toEqual([expected.width, expected.height]);
  expect(Buffer.compare(decoded.data, expected.data)).toBe(0);
}

/** Mean difference of the values, for lossy formats. */
function distance(one: Uint8Array, other: Uint8Array): number {
  expect(one.length).toBe(other.length);
  return one.reduce((sum, value, at) => sum + Math.abs(value - other[at]!), 0) / one.length;
}

/** [pixels, n] with only the channels asked for. */
function pick({ data, channels, width, height }: Samples, ...wanted: number[]): Samples {
  const picked = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let to = 0; to < 3; to++) picked[pixel * 3 + to] = data[pixel * channels + wanted[to]!]!;
  }
  return { width, height, channels: 3, data: picked };
}

/** Row and column, in the stored picture, of the pixel that a person sees at (x, y): TIFF 6.0, "Orientation". */
const STORED_AT: Record<number, (x: number, y: number, width: number, height: number) => [number, number]> = {
  1: (x, y) => [x, y],
  2: (x, y, width) => [width - 1 - x, y],
  3: (x, y, width, height) => [width - 1 - x, height - 1 - y],
  4: (x, y, _width, height) => [x, height - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, _width, height) => [y, height - 1 - x],
  7: (x, y, width, height) => [width - 1 - y, height - 1 - x],
  8: (x, y, width) => [width - 1 - y, x],
};

function upright(stored: Samples, orientation: number): Samples {
  const isTurned = orientation >= 5;
  const [width, height] = isTurned ? [stored.height, stored.width] : [stored.width, stored.height];
  const data = new Uint8Array(stored.data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = STORED_AT[orientation]!(x, y, stored.width, stored.height);
      const from = (fromY * stored.width + fromX) * 3;
      data.set(stored.data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return { width, height, channels: 3, data };
}

describe('lossless formats give their pixels back', () => {
  test.each([
    ['png', () => encoderOf(picture).png().toBuffer()],
    ['png, interlaced', () => encoderOf(picture).png({ progressive: true }).toBuffer()],
    ['webp', () => encoderOf(picture).webp({ lossless: true }).toBuffer()],
    ['tiff', () => encoderOf(picture).tiff({ compression: 'lzw' }).toBuffer()],
    ['tiff, uncompressed', () => encoderOf(picture).tiff({ compression: 'none' }).toBuffer()],
    ['tiff, tiled', () => encoderOf(picture).tiff({ compression: 'deflate', tile: true }).toBuffer()],
    ['avif', () => encoderOf(picture).avif({ lossless: true, chromaSubsampling: '4:4:4' }).toBuffer(), 1.5],
    ['bmp', async () => bmpPicture(picture)],
  ] as [string, () => Promise<Buffer>, number?][])('%s', async (name, make, distanceMax = 0) => {
    const decoded = await decode(await make());
    expect(decoded.format).toBe(name.split(',')[0]);
    expect(decoded.warnings).toEqual([]);
    // AVIF's lossless mode here still converts to YCbCr and back.
    if (distanceMax > 0) expect(distance(decoded.data, picture.data)).toBeLessThan(distanceMax);
    else expectPixels(decoded, picture);
  });
});

describe('lossy formats give nearly their pixels back', () => {
  const smooth = { ...picture, data: picture.data.map((_, at) => 100 + Math.round(40 * Math.sin(at / 900))) };
  test.each([
    ['jpeg', () => encoderOf(smooth).jpeg({ quality: 95 }).toBuffer()],
    ['jpeg, progressive', () => encoderOf(smooth).jpeg({ quality: 95, progressive: true }).toBuffer()],
    ['webp', () => encoderOf(smooth).webp({ quality: 95 }).toBuffer()],
    ['avif', () => encoderOf(smooth).avif({ quality: 90 }).toBuffer()],
  ] as [string, () => Promise<Buffer>][])('%s', async (_name, make) => {
    expect(distance((await decode(await make())).data, smooth.data)).toBeLessThan(2);
  });
});

describe('every layout of channels becomes RGB', () => {
  test('alpha is dropped, and colours under transparent pixels stay', async () => {
    const rgba = somePixels(30, 20, 4);
    expectPixels(await decode(await encoderOf(rgba).png().toBuffer()), pick(rgba, 0, 1, 2));
  });

  test('grey is repeated', async () => {
    const grey = somePixels(30, 20, 1);
    const bytes = await encoderOf(grey).toColourspace('b-w').png().toBuffer();
    expectPixels(await decode(bytes), pick(grey, 0, 0, 0));
  });

  test('grey with alpha', async () => {
    const grey = somePixels(30, 20, 2);
    const bytes = await encoderOf(grey).toColourspace('b-w').png().toBuffer();
    expectPixels(await decode(bytes), pick(grey, 0, 0, 0));
  });

  test('a palette of few colours', async () => {
    const colours = [10, 200, 30, 250, 0, 90, 5, 5, 200, 128, 128, 128];
    const data = Uint8Array.from(
      { length: 24 * 24 * 3 },
      (_, at) => colours[(Math.floor(at / 3 / 7) % 4) * 3 + (at % 3)]!,
    );
    const few: Samples = { width: 24, height: 24, channels: 3, data };
    expectPixels(await decode(await encoderOf(few).png({ palette: true, dither: 0 }).toBuffer()), few);
  });

  test.each(['png', 'tiff'] as const)('16 bits are cut to the upper 8 (%s)', async (format) => {
    const random = seededRandom(3);
    const values = Uint16Array.from({ length: 31 * 17 * 3 }, () => random() * 65536);
    const bytes = await sharp(values, { raw: { width: 31, height: 17, channels: 3 } })
      .toColourspace('rgb16')
      .toFormat(format, { compression: 'lzw' })
      .toBuffer();
    expect([...(await decode(bytes)).data]).toEqual([...values].map((value) => value >> 8));
  });

  test('CMYK is converted without its profile, and the answer says so', async () => {
    const red: Samples = {
      width: 16,
      height: 16,
      channels: 3,
      data: new Uint8Array(768).map((_, at) => (at % 3 ? 20 : 220)),
    };
    const decoded = await decode(await encoderOf(red).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer());
    const [r, g, b] = decoded.data;
    expect(r).toBeGreaterThan(180);
    expect(Math.max(g!, b!)).toBeLessThan(90);
    expect(decoded.warnings).toMatchObject([{ en: expect.stringContaining('CMYK') }]);
  });

  test('an ICC profile does not change a value', async () => {
    const tagged = () => encoderOf(picture).withIccProfile('p3');
    const stored = await tagged().raw().toBuffer();
    expect(Buffer.compare((await decode(await tagged().png().toBuffer())).data, stored)).toBe(0);
  });
});

describe('pictures are turned as a person sees them', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i', async (orientation) => {
    const png = await encoderOf(picture).png().withMetadata({ orientation }).toBuffer();
    expectPixels(await decode(png), upright(picture, orientation));
    const jpeg = await encoderOf(picture)
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation })
      .toBuffer();
    const decoded = await decode(jpeg);
    expect([decoded.width, decoded.height]).toEqual(orientation >= 5 ? [41, 67] : [67, 41]);
    expect(distance(decoded.data, upright(picture, orientation).data)).toBeLessThan(2);
  });
});

describe('of several frames the first is used, with a warning', () => {
  const frames = [1, 2, 3].map((seed) => somePixels(20, 12, 3, seed));

  test('TIFF', async () => {
    const decoded = await decode(await encoderOfFrames(frames).tiff({ compression: 'lzw' }).toBuffer());
    expectPixels(decoded, frames[0]!);
    expect(decoded.warnings).toMatchObject([{ en: 'The TIFF file has several pages; the first one was used.' }]);
  });

  test('WebP', async () => {
    const decoded = await decode(await encoderOfFrames(frames).webp({ lossless: true }).toBuffer());
    expectPixels(decoded, frames[0]!);
    expect(decoded.warnings).toMatchObject([{ en: 'The WebP picture is animated; its first frame was used.' }]);
  });

  test('GIF', async () => {
    const decoded = await decode(await encoderOfFrames(frames).gif({ dither: 0 }).toBuffer());
    expect([decoded.width, decoded.height]).toEqual([20, 12]);
    expect(distance(decoded.data, frames[0]!.data)).toBeLessThan(20);
    expect(decoded.warnings).toMatchObject([{ en: 'The GIF picture is animated; its first frame was used.' }]);
  });

  test('AVIF', async () => {
    // Two frames of 16 × 16 px, lossless: (0, 40, 200), then (200, 40, 40).
    const animated = await readFile(join(import.meta.dirname, '../../test/animated.avif'));
    const decoded = await decode(animated);
    expect([decoded.width, decoded.height, ...decoded.data.subarray(0, 3)]).toEqual([16, 16, 0, 40, 200]);
    expect(decoded.warnings).toMatchObject([{ en: 'The AVIF picture is animated; its first frame was used.' }]);
    const withoutPicture = Buffer.from(animated);
    withoutPicture.write('free', animated.indexOf('meta'), 'latin1');
    expect(await refusal(withoutPicture)).toMatchObject({ code: 'UNSUPPORTED_IMAGE' });
  });

  test('a still GIF gives no warning', async () => {
    expect((await decode(await encoderOf(frames[0]!).gif().toBuffer())).warnings).toEqual([]);
  });
});

describe('extreme sizes', () => {
  test.each([
    [1, 1],
    [1, 300],
    [300, 1],
  ])('%i×%i', async (width, height) => {
    const thin = somePixels(width, height);
    expectPixels(await decode(await encoderOf(thin).png().toBuffer()), thin);
    expectPixels(await decode(await encoderOf(thin).webp({ lossless: true }).toBuffer()), thin);
    expect((await decode(await encoderOf(thin).jpeg().toBuffer())).data.length).toBe(width * height * 3);
  });

  test('exactly the limit is decoded, one pixel more is refused with both numbers', async () => {
    const bytes = await encoderOf(somePixels(50, 40)).png().toBuffer();
    await expect(decodeImage(bytes, { pixelsMax: 2000 })).resolves.toMatchObject({ width: 50, height: 40 });
    const error = await refusal(bytes, 1999);
    expect(error.code).toBe('IMAGE_TOO_LARGE');
    expect(error.details).toEqual({ width: 50, height: 40, pixels: 2000, limitPixels: 1999 });
    expect(error.message).toContain('50×40');
  });

  test('a header that promises 200 megapixels is refused although nothing follows it', async () => {
    const bomb = Buffer.from(await encoderOf(picture).png().toBuffer());
    bomb.writeUInt32BE(20_000, 16);
    bomb.writeUInt32BE(10_000, 20);
    expect((await refusal(bomb.subarray(0, 33))).details).toMatchObject({ pixels: 200e6, limitPixels: 100e6 });
  });

  test('a BMP that claims more pixels than its bytes can hold is damaged', async () => {
    const bmp = bmpPicture(picture);
    bmp.writeInt32LE(9000, 18);
    bmp.writeInt32LE(9000, 22);
    expect((await refusal(bmp)).code).toBe('IMAGE_DAMAGED');
  });
});

describe('what is cut short is refused, never half decoded', () => {
  test.each([
    ['jpeg', () => encoderOf(picture).jpeg().toBuffer()],
    ['progressive jpeg', () => encoderOf(picture).jpeg({ progressive: true }).toBuffer()],
    ['png', () => encoderOf(picture).png().toBuffer()],
    ['interlaced png', () => encoderOf(picture).png({ progressive: true }).toBuffer()],
    ['webp', () => encoderOf(picture).webp().toBuffer()],
    ['lossless webp', () => encoderOf(picture).webp({ lossless: true }).toBuffer()],
    ['gif', () => encoderOf(picture).gif().toBuffer()],
    ['tiff', () => encoderOf(picture).tiff({ compression: 'lzw' }).toBuffer()],
    ['avif', () => encoderOf(picture).avif().toBuffer()],
    ['bmp', async () => bmpPicture(picture)],
  ] as [string, () => Promise<Buffer>][])('%s', async (_name, make) => {
    const whole = await make();
    const cuts = [0.97, 0.9, 0.75, 0.5, 0.25, 0.1].map((share) => Math.floor(whole.length * share));
    for (const length of [...cuts, 40, 30].filter((bytes) => bytes > 28)) {
      const error = await refusal(whole.subarray(0, length));
      expect(error.code, `${length} of ${whole.length} bytes`).toBe('IMAGE_DAMAGED');
      expect(error.message).not.toMatch(/vips|Vips|libpng|buffer|\//);
    }
  });

  test('flipped bytes end in pixels or in one of our refusals, nothing else', async () => {
    const random = seededRandom(11);
    const files = [
      await encoderOf(picture).jpeg().toBuffer(),
      await encoderOf(picture).png().toBuffer(),
      await encoderOf(picture).webp().toBuffer(),
      await encoderOf(picture).gif().toBuffer(),
      await encoderOf(picture).tiff().toBuffer(),
      await encoderOf(picture).avif().toBuffer(),
      bmpPicture(picture),
    ];
    for (const file of files) {
      for (let round = 0; round < 25; round++) {
        const bytes = Buffer.from(file);
        for (let flip = 0; flip < 6; flip++) bytes[Math.floor(random() * bytes.length)] = random() * 256;
        const outcome = await decodeImage(bytes, { pixelsMax: 1e6 }).catch((error: unknown) => error);
        if (outcome instanceof ImageError) continue;
        const decoded = outcome as Awaited<ReturnType<typeof decodeImage>>;
        expect(decoded.data.length).toBe(decoded.width * decoded.height * 3);
      }
    }
  });
});

describe('what is not a photograph format is refused by name', () => {
  const box = (brand: string, compatible = brand) =>
    Buffer.concat([
      Buffer.from([0, 0, 0, 24]),
      Buffer.from(`ftyp${brand}\0\0\0\0${compatible}mif1`),
      Buffer.alloc(200),
    ]);
  test.each([
    ['HEIC', box('heic'), 'a HEIC picture'],
    ['HEIC told by a compatible brand', box('mif1', 'heic'), 'a HEIC picture'],
    ['a video', box('isom'), 'a video'],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), 'an SVG drawing'],
    ['SVG after a prologue', Buffer.from('\ufeff<?xml version="1.0"?>\n<!-- x -->\n<svg/>'), 'an SVG drawing'],
    ['PDF', Buffer.from('%PDF-1.7\n%\xe2\xe3'), 'a PDF document'],
    ['text', Buffer.from('BM is how a bitmap starts, 안녕하세요'), 'text'],
    ['JSON', Buffer.from('{"image": 1}'), 'text'],
    ['a web page', Buffer.from('<!DOCTYPE html><html></html>'), 'a web page'],
    ['Base64', Buffer.from('iVBORw0KGgoAAAANSUhEUg'), 'text: Base64'],
    ['a data URL', Buffer.from('data:image/png;base64,iVBOR'), 'text: a data: URL'],
    ['netpbm', Buffer.from('P6\n2 2\n255\n\0\0\0\0\0\0\0\0\0\0\0\0'), 'a netpbm picture'],
    ['nothing', Buffer.alloc(0), 'empty'],
    ['noise', Buffer.from([7, 0, 255, 3, 9, 0, 0, 0, 1]), 'not a picture in a known format'],
  ])('%s', async (_name, bytes, what) => {
    const error = await refusal(bytes);
    expect(error.code).toBe('UNSUPPORTED_IMAGE');
    expect(error.message).toContain(`The file is ${what}`);
    expect(error.message).toContain('JPEG, PNG, WebP, AVIF, GIF, TIFF or BMP');
  });

  test('the decoder library itself has its other loaders blocked', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await expect(sharp(svg).png().toBuffer()).rejects.toThrow();
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PredictedBox, Problem } from '@lensgate/contracts';
import {
  bmpPicture,
  closeConnections,
  type Fields,
  gatewayCalls,
  rootDir,
  type Stack,
  startStack,
} from '@lensgate/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encoderOf, encoderOfFrames, type Samples } from '../../packages/worker-kit/test/pictures.js';
import { cmykTiffOf } from './cmyk-tiff.js';
import { type Detection, type GatewayAnswers, gatewayAnswers } from './gateway-answers.js';

const detectorJob = 20;
const tolerancePx = { lossless: 0.1, lossy: 2 };

let stack: Stack;
let gateway: GatewayAnswers;
/**
 * What a person sees. Not square, so that a turn shows in the sizes; and no detection lies so near the threshold that the
 * noise of a lossy format decides about it.
 */
let scene: Samples;
beforeAll(async () => {
  stack = await startStack({ frameworks: ['ultralytics'] });
  gateway = gatewayAnswers(stack.gateway.url);
  scene = await rgbOf(readFileSync(join(rootDir, 'test/reference/variants/v640x427-1-scene-2001.png')));
});
afterAll(async () => {
  await closeConnections();
  await stack?.close();
});

const detect = (image: Uint8Array, fields: Fields = {}) =>
  gateway.quick<Detection>(detectorJob, { image, fields: { overlay: false, ...fields } });

/** The stored pixels of a file that sharp reads, without colour management. */
async function rgbOf(file: Uint8Array): Promise<Samples> {
  const { data, info } = await sharp(file, { ignoreIcc: true })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: 3, data };
}

/** The same pixels as an upright RGB PNG: what every other file is compared with. */
const pngOf = (picture: Samples) => encoderOf(picture).png().toBuffer();

const edgesOf = ({ x1, y1, x2, y2 }: PredictedBox) => [x1, y1, x2, y2];
const gapPx = (one: PredictedBox, other: PredictedBox) =>
  Math.max(...edgesOf(one).map((edge, at) => Math.abs(edge - edgesOf(other)[at]!)));

/** Pairs each box with the nearest of its class; every box has a partner, or the test fails. */
function expectSameBoxes(found: Detection, wanted: Detection, pxMax: number) {
  const size = ({ image_width, image_height }: Detection) => [image_width, image_height];
  expect(size(found)).toEqual(size(wanted));
  expect(wanted.predicted_boxes.length).toBeGreaterThan(0);
  expect(found.predicted_boxes.map(({ label }) => label).sort()).toEqual(
    wanted.predicted_boxes.map(({ label }) => label).sort(),
  );
  const left = new Set(found.predicted_boxes);
  for (const box of wanted.predicted_boxes) {
    const [nearest] = [...left]
      .filter(({ label }) => label === box.label)
      .sort((a, b) => gapPx(a, box) - gapPx(b, box));
    left.delete(nearest!);
    expect(gapPx(nearest!, box)).toBeLessThanOrEqual(pxMax);
  }
}

/** Another number of channels from the scene's pixels. */
function withChannels(channels: Samples['channels'], samplesOf: (rgb: Uint8Array, pixel: number) => readonly number[]) {
  const pixels = scene.width * scene.height;
  const data = new Uint8Array(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    data.set(samplesOf(scene.data.subarray(pixel * 3, pixel * 3 + 3), pixel), pixel * channels);
  }
  return { ...scene, channels, data };
}

const greyOf = ([red = 0, green = 0, blue = 0]: Uint8Array) => Math.round((red + green + blue) / 3);
/** From invisible to opaque across the picture. */
const alphaOf = (pixel: number) => (pixel * 7) % 256;

/** TIFF 6.0 and EXIF 2.3, "Orientation": where in the upright picture the pixel stored at (x, y) belongs. */
const uprightAt: Readonly<Record<number, (x: number, y: number, width: number, height: number) => [number, number]>> = {
  1: (x, y) => [x, y],
  2: (x, y, width) => [width - 1 - x, y],
  3: (x, y, width, height) => [width - 1 - x, height - 1 - y],
  4: (x, y, _width, height) => [x, height - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, width) => [width - 1 - y, x],
  7: (x, y, width, height) => [width - 1 - y, height - 1 - x],
  8: (x, y, _width, height) => [y, height - 1 - x],
};
const orientations = Object.keys(uprightAt).map(Number);

/** The scene's pixels as a camera stores them that was held in this orientation. */
function storedAs(orientation: number): Samples {
  const isTurned = orientation >= 5;
  const [width, height] = isTurned ? [scene.height, scene.width] : [scene.width, scene.height];
  const data = new Uint8Array(scene.data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = uprightAt[orientation]!(x, y, scene.width, scene.height);
      const from = (fromY * scene.width + fromX) * 3;
      data.set(scene.data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return { width, height, channels: 3, data };
}

/** Upper byte of the scene, any lower byte. */
function sixteenBit() {
  const data = Uint16Array.from(scene.data, (value, at) => value * 256 + ((at * 31) % 256));
  return sharp(data, { raw: { width: scene.width, height: scene.height, channels: 3 } }).toColourspace('rgb16');
}

const mirrored = (): Samples => ({ ...storedAs(2) });

describe('files that keep the pixels have the boxes of the upright RGB PNG', () => {
  let wanted: Detection;
  beforeAll(async () => {
    wanted = await detect(await pngOf(scene));
  });

  test.each<[string, () => Promise<Buffer>]>([
    ['PNG, interlaced', () => encoderOf(scene).png({ progressive: true }).toBuffer()],
    [
      'PNG with alpha',
      () =>
        encoderOf(withChannels(4, (rgb, pixel) => [...rgb, alphaOf(pixel)]))
          .png()
          .toBuffer(),
    ],
    ['PNG of 16 bits', () => sixteenBit().png().toBuffer()],
    ['WebP, lossless', () => encoderOf(scene).webp({ lossless: true }).toBuffer()],
    [
      'WebP, lossless with alpha',
      () =>
        encoderOf(withChannels(4, (rgb, pixel) => [...rgb, Math.max(1, alphaOf(pixel))]))
          .webp({ lossless: true })
          .toBuffer(),
    ],
    ['TIFF, uncompressed', () => encoderOf(scene).tiff({ compression: 'none' }).toBuffer()],
    ['TIFF, LZW', () => encoderOf(scene).tiff({ compression: 'lzw' }).toBuffer()],
    ['TIFF, deflate in tiles', () => encoderOf(scene).tiff({ compression: 'deflate', tile: true }).toBuffer()],
    ['TIFF of 16 bits', () => sixteenBit().tiff({ compression: 'lzw' }).toBuffer()],
    ['BMP', async () => bmpPicture(scene)],
  ])('%s', async (_name, make) => {
    const found = await detect(await make());
    expectSameBoxes(found, wanted, tolerancePx.lossless);
    expect(found.warnings).toEqual([]);
  });

  test.each(
    orientations.flatMap((orientation) => [
      { orientation, format: 'PNG', make: () => encoderOf(storedAs(orientation)).png() },
      { orientation, format: 'TIFF', make: () => encoderOf(storedAs(orientation)).tiff({ compression: 'lzw' }) },
      { orientation, format: 'WebP', make: () => encoderOf(storedAs(orientation)).webp({ lossless: true }) },
    ]),
  )('$format stored in EXIF orientation $orientation', async ({ orientation, make }) => {
    expectSameBoxes(await detect(await make().withMetadata({ orientation }).toBuffer()), wanted, tolerancePx.lossless);
  });

  test.each<[string, RegExp, () => Promise<Buffer>]>([
    [
      'TIFF of two pages',
      /TIFF file has several pages; the first one was used/,
      () => encoderOfFrames([scene, mirrored()]).tiff({ compression: 'lzw' }).toBuffer(),
    ],
    [
      'WebP of two frames',
      /WebP picture is animated; its first frame was used/,
      () => encoderOfFrames([scene, mirrored()]).webp({ lossless: true }).toBuffer(),
    ],
  ])('%s, of which the first counts', async (_name, warning, make) => {
    const found = await detect(await make());
    expectSameBoxes(found, wanted, tolerancePx.lossless);
    expect(found.warnings).toEqual([expect.stringMatching(warning)]);
  });
});

describe('files of fewer colours have the boxes of an RGB PNG of the same pixels', () => {
  test.each<[string, (grey: Samples) => Promise<Buffer>]>([
    ['grey PNG', (grey) => encoderOf(grey).toColourspace('b-w').png().toBuffer()],
    [
      'grey PNG of 16 bits',
      ({ data, width, height }) =>
        sharp(
          Uint16Array.from(data, (value) => value * 257),
          { raw: { width, height, channels: 1 } },
        )
          .toColourspace('grey16')
          .png()
          .toBuffer(),
    ],
    [
      'grey PNG with alpha',
      async () =>
        encoderOf(withChannels(2, (rgb, pixel) => [greyOf(rgb), alphaOf(pixel)]))
          .toColourspace('b-w')
          .png()
          .toBuffer(),
    ],
    ['grey TIFF', (grey) => encoderOf(grey).toColourspace('b-w').tiff({ compression: 'lzw' }).toBuffer()],
  ])('%s', async (_name, make) => {
    const grey = withChannels(1, (rgb) => [greyOf(rgb)]);
    const repeated = withChannels(3, (rgb) => [greyOf(rgb), greyOf(rgb), greyOf(rgb)]);
    expectSameBoxes(await detect(await make(grey)), await detect(await pngOf(repeated)), tolerancePx.lossless);
  });

  test.each<[string, () => Promise<Buffer>]>([
    ['PNG with a palette', () => encoderOf(scene).png({ palette: true, colours: 128, dither: 0 }).toBuffer()],
    [
      'PNG with a palette and transparency',
      () =>
        encoderOf(withChannels(4, (rgb, pixel) => [...rgb, pixel % 3 === 0 ? 40 : 255]))
          .png({ palette: true, colours: 128 })
          .toBuffer(),
    ],
    ['GIF', () => encoderOf(scene).gif({ dither: 0 }).toBuffer()],
  ])('%s', async (_name, make) => {
    const file = await make();
    const quantised = await rgbOf(file);
    expect(Buffer.compare(quantised.data, scene.data)).not.toBe(0);
    expectSameBoxes(await detect(file), await detect(await pngOf(quantised)), tolerancePx.lossless);
  });

  test('animated GIF, of which the first frame counts', async () => {
    const file = await encoderOfFrames([scene, mirrored()]).gif({ dither: 0 }).toBuffer();
    const found = await detect(file);
    expectSameBoxes(found, await detect(await pngOf(await rgbOf(file))), tolerancePx.lossless);
    expect(found.warnings).toEqual([expect.stringMatching(/GIF picture is animated; its first frame was used/)]);
  });
});

describe('lossy files have the classes and, within two pixels, the boxes of the upright RGB PNG', () => {
  const fine = { quality: 98, chromaSubsampling: '4:4:4' };

  test.each<[string, () => Promise<Buffer>]>([
    ['JPEG 4:4:4', () => encoderOf(scene).jpeg(fine).toBuffer()],
    [
      'JPEG, progressive',
      () =>
        encoderOf(scene)
          .jpeg({ ...fine, progressive: true })
          .toBuffer(),
    ],
    ['WebP', () => encoderOf(scene).webp({ quality: 98 }).toBuffer()],
    ['AVIF', () => encoderOf(scene).avif({ quality: 95, chromaSubsampling: '4:4:4', effort: 2 }).toBuffer()],
    ['AVIF, lossless but for its colour space', () => encoderOf(scene).avif({ lossless: true, effort: 2 }).toBuffer()],
    ['TIFF, JPEG-compressed', () => encoderOf(scene).tiff({ compression: 'jpeg', quality: 98 }).toBuffer()],
    ...orientations.map((orientation): [string, () => Promise<Buffer>] => [
      `JPEG stored in EXIF orientation ${orientation}`,
      () => encoderOf(storedAs(orientation)).jpeg(fine).withMetadata({ orientation }).toBuffer(),
    ]),
  ])('%s', async (_name, make) => {
    expectSameBoxes(await detect(await make()), await detect(await pngOf(scene)), tolerancePx.lossy);
  });
});

describe('files in other colours', () => {
  /** docs/pictures.md: OpenCV's integer form of `(255 − C)(255 − K) / 255`, no profile. */
  const converted = (ink: number, black: number) => 255 - black - ((ink * (255 - black)) >> 8);

  async function convertedFromCmyk(file: Buffer): Promise<Samples> {
    const { data, info } = await sharp(file, { ignoreIcc: true })
      .pipelineColourspace('cmyk')
      .toColourspace('cmyk')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const rgb = new Uint8Array(width * height * 3);
    for (let at = 0; at < rgb.length; at++) {
      const pixel = Math.floor(at / 3) * 4;
      rgb[at] = converted(data[pixel + (at % 3)]!, data[pixel + 3]!);
    }
    return { width, height, channels: 3, data: rgb };
  }

  test.each<[string, () => Promise<Buffer>]>([
    ['JPEG', () => encoderOf(scene).toColourspace('cmyk').jpeg({ quality: 98, chromaSubsampling: '4:4:4' }).toBuffer()],
    ['TIFF', () => encoderOf(scene).toColourspace('cmyk').tiff({ compression: 'lzw' }).toBuffer()],
  ])('a CMYK %s has the boxes of its pixels after the documented conversion', async (_name, make) => {
    const file = await make();
    const found = await detect(file);
    expectSameBoxes(found, await detect(await pngOf(await convertedFromCmyk(file))), tolerancePx.lossless);
    expect(found.warnings).toEqual([expect.stringMatching(/CMYK/)]);
  });

  test("a CMYK TIFF of the scene's complements has the boxes of the scene", async () => {
    expectSameBoxes(await detect(cmykTiffOf(scene)), await detect(await pngOf(scene)), tolerancePx.lossy);
  });

  test('a wide-gamut profile is ignored: the boxes are those of the stored pixels, and close to those of the scene', async () => {
    const file = await encoderOf(scene).png().withIccProfile('p3').toBuffer();
    const stored = await rgbOf(file);
    expect(Buffer.compare(stored.data, scene.data)).not.toBe(0);
    const found = await detect(file);
    expectSameBoxes(found, await detect(await pngOf(stored)), tolerancePx.lossless);
    expectSameBoxes(found, await detect(await pngOf(scene)), tolerancePx.lossy);
  });
});

describe('pictures of unusual sizes', () => {
  test.each([
    [1, 427],
    [640, 1],
    [1, 1],
  ])('%i × %i px is answered', async (width, height) => {
    const file = await sharp({ create: { width, height, channels: 3, background: '#777' } })
      .png()
      .toBuffer();
    expect(await detect(file)).toMatchObject({ image_width: width, image_height: height });
  });

  test('100 megapixels have the boxes of the small picture that they enlarge', async () => {
    const small = await rgbOf(readFileSync(join(rootDir, 'models/samples/scene-1003.png')));
    const wanted = await detect(await pngOf(small));
    // Whole blocks of one colour: a bilinear look at their middles finds the small picture again.
    const sidePx = 10_000;
    const large = await encoderOf(small)
      .resize(sidePx, sidePx, { kernel: 'nearest' })
      .png({ compressionLevel: 2 })
      .toBuffer();
    const found = await detect(large);
    expect(found).toMatchObject({ image_width: sidePx, image_height: sidePx, num_detections: wanted.num_detections });
    const scale = sidePx / small.width;
    for (const [at, box] of found.predicted_boxes.entries()) {
      expect(box.label).toBe(wanted.predicted_boxes[at]!.label);
      for (const [edge, px] of edgesOf(box).entries()) {
        expect(Math.abs(px / scale - edgesOf(wanted.predicted_boxes[at]!)[edge]!)).toBeLessThanOrEqual(
          tolerancePx.lossless,
        );
      }
    }
  });
});

test('HEIC is refused with 415, and the words name formats that work', async () => {
  const brand = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
  const { status, body } = await gatewayCalls(stack.gateway.url).quick<Problem>(detectorJob, {
    image: Buffer.concat([brand, Buffer.alloc(4096)]),
    filename: '사진.heic',
  });
  expect(status).toBe(415);
  expect(body).toMatchObject({ code: 'IMAGE_UNSUPPORTED', retryable: false });
  expect(body.detail).toMatch(/HEIC/);
  for (const name of ['JPEG', 'PNG', 'WebP', 'AVIF', 'GIF', 'TIFF', 'BMP']) expect(body.detail).toContain(name);
});

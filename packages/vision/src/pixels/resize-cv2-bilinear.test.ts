import { describe, expect, test } from 'vitest';
import { aPicture, seeded, wholeBetween } from '../../test/seeded.js';
import { roundHalfEven } from '../round-half-even.js';
import type { RgbImage, Size } from './image.js';
import { resizeCv2Bilinear } from './resize-cv2-bilinear.js';

/** OpenCV's rule, one output byte at a time. */
function plainResize(image: RgbImage, { width, height }: Size): Uint8Array {
  const result = new Uint8Array(width * height * 3);
  const at = (x: number, y: number, c: number) => image.data[(y * image.width + x) * 3 + c]!;
  const isHalving = image.width === 2 * width && image.height === 2 * height;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        let value: number;
        if (isHalving) {
          const sum =
            at(2 * x, 2 * y, c) + at(2 * x + 1, 2 * y, c) + at(2 * x, 2 * y + 1, c) + at(2 * x + 1, 2 * y + 1, c);
          value = Math.floor((sum + 2) / 4);
        } else {
          const [sx, wx] = tap(x, image.width, width);
          const [sy, wy] = tap(y, image.height, height);
          const [x0, w0, w1] = sx < 0 ? [0, 2048, 0] : sx >= image.width - 1 ? [image.width - 1, 2048, 0] : [sx, ...wx];
          const sum = (row: number) => {
            const inside = Math.min(Math.max(row, 0), image.height - 1);
            return at(x0, inside, c) * w0 + (w1 === 0 ? 0 : at(x0 + 1, inside, c) * w1);
          };
          const upper = Math.floor((wy[0] * Math.floor(sum(sy) / 16)) / 65536);
          const lower = Math.floor((wy[1] * Math.floor(sum(sy + 1) / 16)) / 65536);
          value = Math.floor((upper + lower + 2) / 4);
        }
        result[(y * width + x) * 3 + c] = value;
      }
    }
  }
  return result;
}

function tap(i: number, source: number, target: number): [number, [number, number]] {
  const position = Math.fround((i + 0.5) * (1 / (target / source)) - 0.5);
  const first = Math.floor(position);
  const fraction = Math.fround(position - first);
  return [first, [roundHalfEven(Math.fround(1 - fraction) * 2048), roundHalfEven(fraction * 2048)]];
}

describe('resizeCv2Bilinear', () => {
  test('equals the rule applied byte by byte on random sizes, shrinking and enlarging', () => {
    const random = seeded(1);
    for (let round = 0; round < 60; round++) {
      const image = aPicture({ width: wholeBetween(1, 70, random), height: wholeBetween(1, 70, random) }, random);
      const size = { width: wholeBetween(1, 90, random), height: wholeBetween(1, 90, random) };
      const isCopy = size.width === image.width && size.height === image.height;
      expect(resizeCv2Bilinear(image, size).data).toEqual(isCopy ? image.data : plainResize(image, size));
    }
  });

  test('means two by two pixels when both sides are exactly halved', () => {
    const image = aPicture({ width: 22, height: 14 }, seeded(2));
    expect(resizeCv2Bilinear(image, { width: 11, height: 7 }).data).toEqual(
      plainResize(image, { width: 11, height: 7 }),
    );
  });

  test('interpolates when only one side is halved', () => {
    const image = aPicture({ width: 22, height: 14 }, seeded(3));
    expect(resizeCv2Bilinear(image, { width: 11, height: 9 }).data).toEqual(
      plainResize(image, { width: 11, height: 9 }),
    );
  });

  test('spreads one pixel over any size', () => {
    const image = { width: 1, height: 1, data: Uint8Array.of(7, 200, 255) };
    const { data } = resizeCv2Bilinear(image, { width: 5, height: 3 });
    for (let i = 0; i < 15; i++) expect(data.subarray(i * 3, i * 3 + 3)).toEqual(image.data);
  });

  test('copies at equal size and leaves the input alone', () => {
    const image = aPicture({ width: 6, height: 5 }, seeded(4));
    const before = Uint8Array.from(image.data);
    const resized = resizeCv2Bilinear(image, { width: 6, height: 5 });
    resized.data.fill(0);
    expect(image.data).toEqual(before);
  });

  test.each([
    { width: 0, height: 3 },
    { width: 3, height: -1 },
    { width: 2.5, height: 3 },
    { width: Number.NaN, height: 3 },
  ])('refuses a target of $width×$height', (size) => {
    expect(() => resizeCv2Bilinear(aPicture({ width: 4, height: 4 }, seeded(5)), size)).toThrow(RangeError);
  });

  test('refuses a picture whose bytes do not fit its size', () => {
    expect(() => resizeCv2Bilinear({ width: 2, height: 2, data: new Uint8Array(11) }, { width: 1, height: 1 })).toThrow(
      '2×2 has 12 bytes, not 11',
    );
    expect(() => resizeCv2Bilinear({ width: 0, height: 0, data: new Uint8Array(0) }, { width: 1, height: 1 })).toThrow(
      RangeError,
    );
  });
});

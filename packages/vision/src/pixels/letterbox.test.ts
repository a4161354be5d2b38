import { describe, expect, test } from 'vitest';
import { aPicture, seeded, wholeBetween } from '../../test/seeded.js';
import { toChw } from '../tensors/to-chw.js';
import { letterbox, letterboxToTensor } from './letterbox.js';
import { resizeCv2Bilinear } from './resize-cv2-bilinear.js';

describe('letterbox', () => {
  test('centres the resized picture on grey, the odd pixel going right and below', () => {
    const image = aPicture({ width: 40, height: 21 }, seeded(1));
    const { image: boxed, placement } = letterbox(image, { width: 20, height: 20 });
    // 21 × 0.5 = 10.5 is rounded to the even 10; 10 rows are spare.
    expect(placement).toEqual({
      imageWidth: 40,
      imageHeight: 21,
      inputWidth: 20,
      inputHeight: 20,
      gain: 0.5,
      padX: 0,
      padY: 5,
      padXExact: 0,
      padYExact: 5,
    });
    expect(boxed.data.subarray(0, 20 * 5 * 3).every((byte) => byte === 114)).toBe(true);
    const inner = resizeCv2Bilinear(image, { width: 20, height: 10 });
    expect(boxed.data.subarray(20 * 5 * 3, 20 * 15 * 3)).toEqual(inner.data);
  });

  test('rounds the padding of boxes and keeps the half pixel of points', () => {
    const { placement } = letterbox(aPicture({ width: 20, height: 17 }, seeded(2)), { width: 20, height: 20 });
    expect([placement.padY, placement.padYExact]).toEqual([1, 1.5]);
  });

  test('pads a dynamic input only to the next multiple of the stride', () => {
    const image = aPicture({ width: 427, height: 640 }, seeded(3));
    const { image: boxed, placement } = letterbox(image, { width: 640, height: 640, strideMultiple: 32 });
    expect([boxed.width, boxed.height]).toEqual([448, 640]);
    expect([placement.padX, placement.padXExact, placement.gain]).toEqual([10, 10.5, 1]);
  });

  test('keeps at least one pixel of a very long picture', () => {
    const { image } = letterbox(aPicture({ width: 4000, height: 1 }, seeded(4)), { width: 32, height: 32 });
    expect(image.data.some((byte) => byte !== 114)).toBe(true);
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses a stride of %d', (strideMultiple) => {
    const image = aPicture({ width: 4, height: 4 }, seeded(5));
    expect(() => letterbox(image, { width: 8, height: 8, strideMultiple })).toThrow(RangeError);
  });
});

describe('letterboxToTensor', () => {
  test('equals letterboxing and then converting, for random sizes', () => {
    const random = seeded(6);
    for (let round = 0; round < 30; round++) {
      const image = aPicture({ width: wholeBetween(1, 80, random), height: wholeBetween(1, 80, random) }, random);
      const size = { width: wholeBetween(1, 64, random), height: wholeBetween(1, 64, random) };
      const options = round % 3 === 0 ? { ...size, strideMultiple: 8 } : size;
      const fused = letterboxToTensor(image, options);
      const { image: boxed, placement } = letterbox(image, options);
      expect(fused.tensor).toEqual(toChw(boxed));
      expect(fused.placement).toEqual(placement);
      expect([boxed.width, boxed.height]).toEqual([placement.inputWidth, placement.inputHeight]);
    }
  });
});

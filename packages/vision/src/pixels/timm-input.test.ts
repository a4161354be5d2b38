import { describe, expect, test } from 'vitest';
import { aPicture, seeded } from '../../test/seeded.js';
import { centerCrop } from './crop.js';
import { resizePil } from './resize-pil.js';
import { shortestEdgeSize, type TimmInputOptions, timmInput } from './timm-input.js';

const image = aPicture({ width: 90, height: 41 }, seeded(1));
const options: TimmInputOptions = {
  width: 32,
  height: 32,
  cropMode: 'center',
  cropPct: 0.9,
  interpolation: 'bilinear',
  mean: [0.5, 0.1, 1],
};
const black = [0, 0, 0] as const;

describe('timmInput', () => {
  test('center brings the short side to the scaled size and cuts the middle', () => {
    // floor(32 / 0.9) = 35; 35 × 90 / 41 = 76.8, cut to 76.
    const resized = resizePil(image, { width: 76, height: 35 }, 'bilinear');
    expect(timmInput(image, options)).toEqual(
      centerCrop(resized, { width: 32, height: 32, fill: black, oddRest: 'half-even' }),
    );
  });

  test('center with unequal sides covers both and rounds', () => {
    // 20×32 / 0.9 = 22×35; the ratio is min(41 / 35, 90 / 22).
    const resized = resizePil(image, { width: 77, height: 35 }, 'bilinear');
    expect(timmInput(image, { ...options, width: 20 })).toEqual(
      centerCrop(resized, { width: 20, height: 32, fill: black, oddRest: 'half-even' }),
    );
  });

  test('squash gives up the proportions', () => {
    const resized = resizePil(image, { width: 35, height: 35 }, 'bilinear');
    expect(timmInput(image, { ...options, cropMode: 'squash' })).toEqual(
      centerCrop(resized, { width: 32, height: 32, fill: black, oddRest: 'half-even' }),
    );
  });

  test('border shows the whole width and pads with the mean colour', () => {
    // The ratio is 90 / 35: 35×16.
    const input = timmInput(image, { ...options, cropMode: 'border' });
    expect(Array.from(input.data.subarray(0, 3))).toEqual([128, 26, 255]);
    const resized = resizePil(image, { width: 35, height: 16 }, 'bilinear');
    const fill = [128, 26, 255] as const;
    expect(input).toEqual(centerCrop(resized, { width: 32, height: 32, fill, oddRest: 'half-even' }));
  });

  test.each([0, -1, Number.NaN])('refuses a share of %d', (cropPct) => {
    expect(() => timmInput(image, { ...options, cropPct })).toThrow(RangeError);
  });

  test('takes pictures one pixel wide', () => {
    const thin = aPicture({ width: 1, height: 900 }, seeded(2));
    for (const cropMode of ['center', 'squash', 'border'] as const) {
      expect(timmInput(thin, { ...options, cropMode }).data).toHaveLength(32 * 32 * 3);
    }
  });
});

test('the short side becomes the edge, the long one is cut to whole px', () => {
  expect(shortestEdgeSize({ width: 90, height: 41 }, 35)).toEqual({ width: 76, height: 35 });
  expect(shortestEdgeSize({ width: 41, height: 90 }, 35)).toEqual({ width: 35, height: 76 });
  expect(shortestEdgeSize({ width: 7, height: 7 }, 35)).toEqual({ width: 35, height: 35 });
});

import { describe, expect, test } from 'vitest';
import { aPicture, seeded, wholeBetween } from '../../test/seeded.js';
import { centerCrop, resizeAndCrop } from './crop.js';
import type { RgbImage } from './image.js';
import { resizePil } from './resize-pil.js';

/** A picture whose red is the column and whose green is the row. */
function gridOf(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set([i % width, Math.floor(i / width), 200], i * 3);
  return { width, height, data };
}

const fill = [9, 8, 7] as const;
const firstPx = ({ data }: RgbImage) => Array.from(data.subarray(0, 3));

describe('centerCrop', () => {
  test('cuts the middle out', () => {
    expect(firstPx(centerCrop(gridOf(10, 8), { width: 4, height: 2, fill, oddRest: 'down' }))).toEqual([3, 3, 200]);
  });

  test.each([
    [11, 'half-even', 4], // 3.5
    [9, 'half-even', 2], // 2.5
    [11, 'down', 3],
    [9, 'down', 2],
  ] as const)('a width of %d cut to 4 with odd rest %s starts at column %d', (width, oddRest, column) => {
    expect(firstPx(centerCrop(gridOf(width, 4), { width: 4, height: 4, fill, oddRest }))[0]).toBe(column);
  });

  test('pads what is too short, the odd pixel going right and below', () => {
    const { data } = centerCrop(gridOf(1, 2), { width: 4, height: 5, fill, oddRest: 'half-even' });
    const picture = [];
    for (let i = 0; i < 20; i++) if (data[i * 3] !== 9) picture.push(i);
    expect(picture).toEqual([4 * 1 + 1, 4 * 2 + 1]);
    expect(Array.from(data.subarray(0, 3))).toEqual([9, 8, 7]);
  });

  test('cuts one side and pads the other', () => {
    const { data } = centerCrop(gridOf(6, 1), { width: 2, height: 3, fill, oddRest: 'down' });
    expect(Array.from(data)).toEqual([9, 8, 7, 9, 8, 7, 2, 0, 200, 3, 0, 200, 9, 8, 7, 9, 8, 7]);
  });
});

describe('resizeAndCrop', () => {
  test.each(['nearest', 'box', 'bilinear', 'bicubic', 'lanczos'] as const)(
    'gives the middle of what %s makes of the whole, on random sizes',
    (filter) => {
      const random = seeded(filter.length);
      const side = () => wholeBetween(1, 50, random);
      for (let round = 0; round < 60; round++) {
        const image = aPicture({ width: side(), height: side() }, random);
        // Equal sides, too, for which a pass has nothing to do.
        const size = {
          width: round % 3 === 0 ? image.width : side(),
          height: round % 4 === 0 ? image.height : side(),
        };
        const crop = { width: side(), height: side(), fill, oddRest: round % 2 === 0 ? 'down' : 'half-even' } as const;
        expect(resizeAndCrop(image, size, filter, crop)).toEqual(centerCrop(resizePil(image, size, filter), crop));
      }
    },
  );

  test('takes the middle of a resized picture that no memory holds', () => {
    const image = aPicture({ width: 100_000, height: 1 }, seeded(1));
    const crop = { width: 224, height: 224, fill, oddRest: 'half-even' } as const;
    const cropped = resizeAndCrop(image, { width: 24_800_000, height: 248 }, 'bicubic', crop);
    // Each px becomes 248 wide, so the middle one's surroundings alone make the same, but for the last bit of a weight.
    const excerpt = { width: 20, height: 1, data: image.data.subarray(49_990 * 3, 50_010 * 3) };
    const expected = resizeAndCrop(excerpt, { width: 20 * 248, height: 248 }, 'bicubic', crop);
    expect([cropped.width, cropped.height]).toEqual([224, 224]);
    expect(cropped.data.every((byte, at) => Math.abs(byte - expected.data[at]!) <= 1)).toBe(true);
  });

  test('leaves the picture alone where nothing is to be done', () => {
    const image = aPicture({ width: 6, height: 5 }, seeded(2));
    const before = Uint8Array.from(image.data);
    const whole = resizeAndCrop(image, image, 'bicubic', { width: 6, height: 5, fill, oddRest: 'down' });
    expect(Array.from(whole.data)).toEqual(Array.from(before));
    whole.data.fill(0);
    expect(image.data).toEqual(before);
  });

  test('refuses a size without px', () => {
    const crop = { width: 4, height: 4, fill, oddRest: 'down' } as const;
    expect(() => resizeAndCrop(gridOf(4, 4), { width: 0, height: 4 }, 'box', crop)).toThrow(RangeError);
  });
});

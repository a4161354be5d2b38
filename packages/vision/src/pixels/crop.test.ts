import { describe, expect, test } from 'vitest';
import { centerCrop } from './crop.js';
import type { RgbImage } from './image.js';

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

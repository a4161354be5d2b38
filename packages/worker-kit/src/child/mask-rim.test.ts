import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../test/pictures.js';
import { forEachRimRun } from './mask-rim.js';

interface BitMap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The rule, pixel by pixel. */
function plainRim({ width, height, data }: BitMap, thickness: number): number[] {
  const isSet = (x: number, y: number) => x >= 0 && y >= 0 && x < width && y < height && data[y * width + x] === 1;
  const rim: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isSet(x, y)) continue;
      for (let step = 1; step <= thickness; step++) {
        if (isSet(x - step, y) && isSet(x + step, y) && isSet(x, y - step) && isSet(x, y + step)) continue;
        rim.push(y * width + x);
        break;
      }
    }
  }
  return rim;
}

function rimOf(mask: BitMap, thickness: number): number[] {
  const rim: number[] = [];
  forEachRimRun(mask, thickness, (y, from, to) => {
    expect(from).toBeLessThan(to);
    for (let x = from; x < to; x++) rim.push(y * mask.width + x);
  });
  return rim;
}

function maskOf(width: number, height: number, isSet: (x: number, y: number) => boolean): BitMap {
  const data = Uint8Array.from({ length: width * height }, (_, at) => +isSet(at % width, Math.floor(at / width)));
  return { width, height, data };
}

const random = seededRandom(7);
const shapes: [string, BitMap][] = [
  ['nothing', maskOf(9, 7, () => false)],
  ['everything', maskOf(41, 33, () => true)],
  ['a disc', maskOf(60, 50, (x, y) => Math.hypot(x - 30, y - 25) < 22)],
  [
    'a ring with a bridge',
    maskOf(
      80,
      60,
      (x, y) => (Math.hypot(x - 40, y - 30) > 12 && Math.hypot(x - 40, y - 30) < 28) || Math.abs(y - 30) < 3,
    ),
  ],
  ['stripes that stand', maskOf(50, 40, (x) => x % 9 > 1)],
  ['stripes that lie', maskOf(50, 40, (_, y) => y % 9 > 1)],
  ['one hole', maskOf(50, 40, (x, y) => x !== 25 || y !== 20)],
  ['noise', maskOf(70, 45, () => random() < 0.5)],
  ['few holes', maskOf(70, 45, () => random() < 0.97)],
  ['one row', maskOf(30, 1, (x) => x > 3)],
  ['one column', maskOf(1, 30, (_, y) => y > 3)],
];

describe('forEachRimRun', () => {
  test.each(shapes)('equals the rule, pixel by pixel and in order: %s', (_name, mask) => {
    for (const thickness of [1, 2, 3, 7, 40]) expect(rimOf(mask, thickness)).toEqual(plainRim(mask, thickness));
  });
});

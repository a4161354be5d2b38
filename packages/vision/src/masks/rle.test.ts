import { describe, expect, test } from 'vitest';
import { seeded, wholeBetween } from '../../test/seeded.js';
import { type Mask, maskOf, wholeMask, windowMask } from './mask.js';
import { columnRuns, decodeRle, encodeRle } from './rle.js';

/** Down the columns, px by px. */
function plainRuns(mask: Mask): number[] {
  const whole = wholeMask(mask);
  const runs = [0];
  let value = 0;
  for (let x = 0; x < mask.frame.width; x++) {
    for (let y = 0; y < mask.frame.height; y++) {
      const px = whole[y * mask.frame.width + x]!;
      if (px !== value) {
        runs.push(0);
        value = px;
      }
      runs[runs.length - 1]!++;
    }
  }
  return runs;
}

function aMask(random: () => number): Mask {
  const frame = { width: wholeBetween(1, 40, random), height: wholeBetween(1, 40, random) };
  const left = wholeBetween(0, frame.width - 1, random);
  const top = wholeBetween(0, frame.height - 1, random);
  const window = {
    left,
    top,
    width: wholeBetween(1, frame.width - left, random),
    height: wholeBetween(1, frame.height - top, random),
  };
  const density = random();
  const data = Uint8Array.from({ length: window.width * window.height }, () => (random() < density ? 1 : 0));
  return windowMask(frame, window, { data, area: data.reduce((sum, px) => sum + px, 0) });
}

describe('encodeRle', () => {
  test('runs equal those counted px by px, for windows anywhere', () => {
    const random = seeded(1);
    for (let round = 0; round < 300; round++) {
      const mask = aMask(random);
      expect(columnRuns(mask)).toEqual(plainRuns(mask));
    }
  });

  test('decoding gives the mask back exactly', () => {
    const random = seeded(2);
    for (let round = 0; round < 100; round++) {
      const mask = aMask(random);
      const decoded = decodeRle(encodeRle(mask));
      expect(wholeMask(decoded)).toEqual(wholeMask(mask));
      expect([decoded.frame, decoded.area]).toEqual([mask.frame, mask.area]);
    }
  });

  // Run lengths and texts as cocoapi's rleToString writes them.
  test.each([
    ['nothing set', 2, 2, [0, 0, 0, 0], '4'],
    ['everything set', 2, 2, [1, 1, 1, 1], '04'],
    ['one px', 1, 1, [1], '01'],
    ['rows become columns', 3, 2, [0, 1, 0, 0, 1, 0], '222'],
  ])('%s', (_, width, height, data, counts) => {
    expect(encodeRle(maskOf({ width, height }, data))).toEqual({ size: [height, width], counts });
  });

  test('long and shrinking runs take more characters and negative differences', () => {
    // Runs 100, 50, 850: 100 = 3·32 + 4 → "T3"; 50 = 1·32 + 18 → "b1"; 850 = 26·32 + 18 → "bj0".
    const data = new Uint8Array(1000).fill(1, 100, 150);
    expect(encodeRle(maskOf({ width: 1, height: 1000 }, data)).counts).toBe('T3b1bj0');
    // Runs 0, 40, 20, 30, 10, 900: the fourth is written as 30 - 40 = -10, then -10, then 870.
    const shrinking = new Uint8Array(1000).fill(1, 0, 40).fill(1, 60, 90).fill(1, 100, 1000);
    expect(encodeRle(maskOf({ width: 1, height: 1000 }, shrinking)).counts).toBe('0X1d0FFVk0');
  });
});

describe('decodeRle', () => {
  test('reads a text of COCO', () => {
    const { data } = decodeRle({ size: [1000, 1], counts: 'T3b1bj0' });
    expect([data.indexOf(1), data.lastIndexOf(1)]).toEqual([100, 149]);
  });

  test.each([
    ['too short', '2'],
    ['too long', '9'],
    ['negative', 'O'],
    ['no such character', '2é'],
    ['cut off', '2R'],
  ])('refuses runs that are %s', (_, counts) => {
    expect(() => decodeRle({ size: [2, 2], counts })).toThrow(RangeError);
  });
});

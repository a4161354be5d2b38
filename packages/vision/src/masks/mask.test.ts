import { expect, test } from 'vitest';
import { emptyMask, maskOf, wholeMask, windowMask } from './mask.js';

test('a window lies where it says inside its frame', () => {
  const frame = { width: 4, height: 3 };
  const window = { left: 1, top: 1, width: 2, height: 2 };
  const mask = windowMask(frame, window, { data: Uint8Array.of(1, 0, 0, 1), area: 2 });
  expect(Array.from(wholeMask(mask))).toEqual([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
});

test('a mask made of a whole frame counts what is set and knows only 0 and 1', () => {
  const mask = maskOf({ width: 3, height: 1 }, [0, 255, 7]);
  expect([mask.area, Array.from(mask.data)]).toEqual([2, [0, 1, 1]]);
  expect(() => maskOf({ width: 2, height: 2 }, [1])).toThrow(RangeError);
});

test('an empty mask is all 0', () => {
  expect(Array.from(wholeMask(emptyMask({ width: 2, height: 1 })))).toEqual([0, 0]);
});

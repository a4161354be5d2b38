import { describe, expect, test } from 'vitest';
import { placementOf } from '../pixels/placement.js';
import { unletterboxBoxes, unletterboxPoints } from './unletterbox.js';

const odd = placementOf({ width: 20, height: 17 }, { width: 20, height: 20 });

describe('unletterboxBoxes', () => {
  test('takes off the rounded padding, divides by the gain and clips to the picture', () => {
    const placement = placementOf({ width: 640, height: 427 }, { width: 320, height: 320 });
    // 427 × 0.5 = 213.5 is rounded to the even 214; 106 rows are spare.
    expect([placement.gain, placement.padY]).toEqual([0.5, 53]);
    expect(unletterboxBoxes(Float32Array.of(10, 63, 400, 300, -4, 50, 20, 60), placement)).toEqual(
      Float32Array.of(20, 20, 640, 427, 0, 0, 40, 14),
    );
  });

  test('divides in float32', () => {
    const placement = placementOf({ width: 97, height: 311 }, { width: 320, height: 320 });
    const [x] = unletterboxBoxes(Float32Array.of(150.7, 0, 0, 0), placement);
    const moved = Math.fround(Math.fround(150.7) - placement.padX);
    expect(x).toBe(Math.fround(moved / Math.fround(320 / 311)));
  });

  test('keeps NaN, so that nonsense is seen and not served as a corner', () => {
    expect(unletterboxBoxes(Float32Array.of(Number.NaN, 0, 1, 1), odd)[0]).toBeNaN();
  });
});

test('points lie half a pixel from boxes where the padding is odd', () => {
  expect(unletterboxBoxes(Float32Array.of(5, 5, 5, 5), odd)[1]).toBe(4);
  expect(unletterboxPoints(Float32Array.of(5, 5), odd)[1]).toBe(3.5);
});

test('nothing in, nothing out', () => {
  expect(unletterboxBoxes(new Float32Array(0), odd)).toHaveLength(0);
  expect(unletterboxPoints(new Float32Array(0), odd)).toHaveLength(0);
});

import { expect, test } from 'vitest';
import { centresToCorners, cornersToCentres, scaleBoxes } from './convert.js';

test('centre form becomes corners', () => {
  expect(centresToCorners(Float32Array.of(10, 20, 4, 6, 0, 0, 1, 1))).toEqual(
    Float32Array.of(8, 17, 12, 23, -0.5, -0.5, 0.5, 0.5),
  );
});

test('corners become centre form', () => {
  expect(cornersToCentres(Float32Array.of(8, 17, 12, 23))).toEqual(Float32Array.of(10, 20, 4, 6));
});

test('normalised boxes are scaled by width and height in turn', () => {
  expect(scaleBoxes(Float32Array.of(0.5, 0.25, 1, 1), { width: 200, height: 100 })).toEqual(
    Float32Array.of(100, 25, 200, 100),
  );
});

test('no boxes stay no boxes', () => {
  const none = new Float32Array(0);
  expect([centresToCorners(none), cornersToCentres(none), scaleBoxes(none, { width: 1, height: 1 })]).toEqual([
    none,
    none,
    none,
  ]);
});

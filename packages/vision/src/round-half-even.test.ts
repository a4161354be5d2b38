import { expect, test } from 'vitest';
import { roundHalfEven } from './round-half-even.js';

test.each([
  [0.5, 0],
  [1.5, 2],
  [2.5, 2],
  [-0.5, 0],
  [-1.5, -2],
  [2.4, 2],
  [2.6, 3],
  [-2.6, -3],
  [7, 7],
  [0.49999999999999994, 0],
])('%d becomes %d, ties going to the even number', (value, rounded) => {
  expect(roundHalfEven(value) + 0).toBe(rounded);
});

test('NaN stays NaN', () => {
  expect(roundHalfEven(Number.NaN)).toBeNaN();
});

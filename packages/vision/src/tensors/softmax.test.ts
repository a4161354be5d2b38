import { expect, test } from 'vitest';
import { sigmoid, softmax } from './softmax.js';

test('softmax shares 1 among the values', () => {
  const shares = softmax(Float32Array.of(1, 2, 3));
  expect(Array.from(shares, (share) => share.toFixed(6))).toEqual(['0.090031', '0.244728', '0.665241']);
});

test('softmax survives values that would overflow', () => {
  expect(softmax(Float32Array.of(1000, 1000, -1000))).toEqual(Float32Array.of(0.5, 0.5, 0));
});

test('softmax of one value is 1, of none is none, with NaN all NaN', () => {
  expect(softmax(Float32Array.of(-3))).toEqual(Float32Array.of(1));
  expect(softmax(new Float32Array(0))).toHaveLength(0);
  expect(softmax(Float32Array.of(1, Number.NaN)).every(Number.isNaN)).toBe(true);
});

test('sigmoid runs from 0 to 1 through one half', () => {
  expect(sigmoid(Float32Array.of(-1e4, 0, 1e4))).toEqual(Float32Array.of(0, 0.5, 1));
});

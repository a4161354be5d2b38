import { expect, test } from 'vitest';
import { topK } from './top-k.js';

const values = Float32Array.of(0.25, 0.5, Number.NaN, 0.5, 0.125);

test('the best come first, equal ones by index, NaN never', () => {
  expect(topK(values, 3)).toEqual([
    { index: 1, value: 0.5 },
    { index: 3, value: 0.5 },
    { index: 0, value: 0.25 },
  ]);
});

test('more than there are gives what there is', () => {
  expect(topK(values, 99)).toHaveLength(4);
  expect(topK(values, 0)).toEqual([]);
  expect(topK(new Float32Array(0), 5)).toEqual([]);
});

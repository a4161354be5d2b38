import { expect, test } from 'vitest';
import { seeded } from '../../test/seeded.js';
import { orderByScore } from './order.js';

test('equals a stable descending sort, with many ties', () => {
  const random = seeded(1);
  for (const count of [0, 1, 2, 17, 1000]) {
    const scores = Float32Array.from({ length: count }, () => Math.round((random() - 0.5) * 40) / 20);
    const plain = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!);
    expect(Array.from(orderByScore(scores))).toEqual(plain);
  }
});

test('keeps apart scores that differ in their last bit, of either sign and infinite', () => {
  const scores = Float32Array.of(-1e-38, Math.fround(0.3), Math.fround(0.3) + 2 ** -25, -Infinity, Infinity, -2);
  expect(Array.from(orderByScore(scores))).toEqual([4, 2, 1, 0, 5, 3]);
});

test('treats zero and negative zero as equal', () => {
  expect(Array.from(orderByScore(Float32Array.of(-0, 0, -0)))).toEqual([0, 1, 2]);
});

test('leaves NaN out', () => {
  expect(Array.from(orderByScore(Float32Array.of(Number.NaN, 1, Number.NaN, 2)))).toEqual([3, 1]);
});

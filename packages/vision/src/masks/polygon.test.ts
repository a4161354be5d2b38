import { expect, test } from 'vitest';
import { emptyMask, maskOf } from './mask.js';
import { joinRings, maskPolygon } from './polygon.js';

const ring = (...values: number[]) => Int32Array.from(values);

test('one ring stays as it is, none gives none', () => {
  expect(joinRings([ring(0, 0, 0, 2, 2, 2)])).toEqual(ring(0, 0, 0, 2, 2, 2));
  expect(joinRings([])).toHaveLength(0);
  expect(maskPolygon(emptyMask({ width: 3, height: 3 }))).toHaveLength(0);
});

test('two rings are tied at their nearest points and each is closed', () => {
  const joined = joinRings([ring(0, 0, 0, 4, 4, 4, 4, 0), ring(6, 4, 6, 8, 9, 8)]);
  expect(joined).toEqual(ring(4, 4, 4, 0, 0, 0, 0, 4, 4, 4, 6, 4, 6, 8, 9, 8, 6, 4));
});

test('a ring in the middle is passed on one side going out and on the other coming home', () => {
  const middle = ring(10, 0, 10, 9, 20, 9, 20, 0);
  const joined = joinRings([ring(0, 0, 8, 0), middle, ring(22, 9, 30, 9)]);
  expect(joined).toEqual(ring(8, 0, 0, 0, 8, 0, 10, 0, 10, 9, 20, 9, 22, 9, 30, 9, 22, 9, 20, 9, 20, 0, 10, 0));
});

test('the polygon of a mask joins its parts, last found first', () => {
  const mask = maskOf({ width: 5, height: 1 }, [1, 0, 0, 1, 1]);
  expect(maskPolygon(mask)).toEqual(Float32Array.of(3, 0, 4, 0, 3, 0, 0, 0, 0, 0));
});

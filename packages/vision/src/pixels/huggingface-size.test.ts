import { expect, test } from 'vitest';
import { huggingfaceDepthSize, huggingfaceResizedSize } from './huggingface-size.js';

const image = { width: 640, height: 427 };

test('height and width are taken as they are', () => {
  expect(huggingfaceResizedSize(image, { height: 224, width: 300 })).toEqual({ width: 300, height: 224 });
});

test('a shortest edge alone keeps the proportions', () => {
  expect(huggingfaceResizedSize(image, { shortest_edge: 256 })).toEqual({ width: 383, height: 256 });
});

test('a longest edge bounds the shortest', () => {
  expect(huggingfaceResizedSize(image, { shortest_edge: 800, longest_edge: 1333 })).toEqual({
    width: 1199,
    height: 800,
  });
  const wide = { width: 2000, height: 500 };
  expect(huggingfaceResizedSize(wide, { shortest_edge: 800, longest_edge: 1333 })).toEqual({
    width: 1333,
    height: 333,
  });
});

test('a picture that has the shortest edge already is left alone', () => {
  const even = { width: 801, height: 800 };
  expect(huggingfaceResizedSize(even, { shortest_edge: 800, longest_edge: 1333 })).toEqual(even);
});

test('a largest height and width are fitted into', () => {
  expect(huggingfaceResizedSize(image, { max_height: 100, max_width: 600 })).toEqual({ width: 149, height: 100 });
});

test('depth sizes are multiples, with or without the proportions', () => {
  const target = { width: 518, height: 518 };
  expect(huggingfaceDepthSize(image, target, { keepsAspect: true, multipleOf: 14 })).toEqual({
    width: 518,
    height: 350,
  });
  expect(huggingfaceDepthSize(image, target, { keepsAspect: false, multipleOf: 32 })).toEqual({
    width: 512,
    height: 512,
  });
});

test('refuses sizes that come out empty', () => {
  expect(() => huggingfaceResizedSize({ width: 1, height: 4000 }, { max_height: 100, max_width: 100 })).toThrow(
    RangeError,
  );
  expect(() => huggingfaceResizedSize(image, { height: 0, width: 10 })).toThrow(RangeError);
});

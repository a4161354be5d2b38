import { expect, test } from 'vitest';
import { classColours } from './class-colour.js';

test('a colour follows from the name, whatever the order of classes', () => {
  const names = ['coat', 'bag', '신발', 'dress'];
  expect(classColours([...names].reverse())).toEqual(classColours(names));
});

test('up to eight classes have eight different colours', () => {
  const names = Array.from({ length: 8 }, (_, index) => `class ${index}`);
  expect(new Set(classColours(names).values()).size).toBe(8);
});

test('any number of classes has colours', () => {
  const names = Array.from({ length: 200 }, (_, index) => `class ${index}`);
  expect([...classColours(names).values()].every((colour) => /^(#|oklch)/.test(colour))).toBe(true);
});

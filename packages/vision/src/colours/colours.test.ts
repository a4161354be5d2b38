import { describe, expect, test } from 'vitest';
import { classColours, contrastRatio, instancePalette, textColourOn } from './colours.js';

const coco = Array.from({ length: 80 }, (_, index) => `class ${index}`);

describe('classColours', () => {
  test('a class keeps its colour whatever its index is', () => {
    const names = ['사람', 'bicycle', '가방', 'cat'];
    const turned = names.toReversed();
    expect(classColours(turned)).toEqual(classColours(names).toReversed());
  });

  test.each([2, 8, 12, 20])('%i classes have as many different colours', (count) => {
    const colours = classColours(coco.slice(0, count)).map(String);
    expect(new Set(colours).size).toBe(count);
  });

  test('equal names have equal colours, and no names none', () => {
    expect(classColours([])).toEqual([]);
    const [one, other] = classColours(['a', 'a']);
    expect(one).toEqual(other);
  });

  test('values are whole numbers that fit a byte, also for thousands of classes', () => {
    const many = classColours(Array.from({ length: 3000 }, (_, index) => `클래스 ${index}`));
    for (const value of many.flat()) expect(Number.isInteger(value) && value >= 0 && value <= 255).toBe(true);
  });
});

test('instance colours start with a black background, and neighbours differ', () => {
  const palette = instancePalette(300);
  expect(palette).toHaveLength(301);
  expect(palette[0]).toEqual([0, 0, 0]);
  for (let at = 2; at < palette.length; at++) {
    const gap = palette[at]!.reduce((sum, value, channel) => sum + Math.abs(value - palette[at - 1]![channel]!), 0);
    expect(gap).toBeGreaterThan(60);
  }
});

test('text on any label has a contrast of at least 4.5', () => {
  for (const colour of [...classColours(coco), ...instancePalette(100), [119, 119, 119], [255, 0, 0]] as const) {
    const background = colour as readonly [number, number, number];
    expect(contrastRatio(textColourOn(background), background)).toBeGreaterThanOrEqual(4.5);
  }
});

test('contrast is 21 between black and white, 1 between equals', () => {
  expect(contrastRatio([0, 0, 0], [255, 255, 255])).toBeCloseTo(21);
  expect(contrastRatio([9, 90, 200], [9, 90, 200])).toBe(1);
});

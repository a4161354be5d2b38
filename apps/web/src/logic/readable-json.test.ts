import { expect, test } from 'vitest';
import { readableJson } from './readable-json.js';

test('lists of numbers stand on one line', () => {
  expect(readableJson({ bbox: [1, -2.5, 3e-7, 4] })).toBe('{\n  "bbox": [1, -2.5, 3e-7, 4]\n}');
});

test('long Base64 is cut and its length said', () => {
  const text = readableJson({ overlay_base64: 'A'.repeat(5_000), label: 'ankle-boot' });
  expect(text.length).toBeLessThan(200);
  expect(text).toContain('(5,000 characters)');
  expect(text).toContain('ankle-boot');
});

test('long outlines are cut, short ones and lists of objects are not', () => {
  const outline = Array.from({ length: 40 }, (_, index) => [index, index]);
  expect(readableJson({ polygon: outline })).toContain('… (40 points)');
  expect(readableJson({ polygon: outline.slice(0, 3) })).not.toContain('points');
  expect(JSON.parse(readableJson(Array.from({ length: 40 }, (_, id) => ({ id }))))).toHaveLength(40);
});

import { huggingfaceDepthSize, huggingfaceResizedSize } from '@lensgate/vision';
import { expect, test } from 'vitest';
import { readJson } from './reference.js';

const tables = readJson('test/reference/hf/resize-sizes.json') as {
  size_shortest_longest: [number, number, number, number, number, number][];
  dpt_keep_aspect_multiple_14_size_518: [number, number, number, number][];
};

test('bounded edges equal the table of the reference', () => {
  expect(tables.size_shortest_longest.length).toBeGreaterThan(50);
  for (const [height, width, shortest_edge, longest_edge, ...expected] of tables.size_shortest_longest) {
    const size = huggingfaceResizedSize({ width, height }, { shortest_edge, longest_edge });
    expect([size.height, size.width]).toEqual(expected);
  }
});

test('sizes in multiples of 14 equal the table of the reference', () => {
  expect(tables.dpt_keep_aspect_multiple_14_size_518.length).toBeGreaterThan(20);
  for (const [height, width, ...expected] of tables.dpt_keep_aspect_multiple_14_size_518) {
    const options = { keepsAspect: true, multipleOf: 14 };
    const size = huggingfaceDepthSize({ width, height }, { width: 518, height: 518 }, options);
    // The reference rounds the short side of very long pictures to nothing; we keep one multiple.
    expect([size.height, size.width]).toEqual(expected.map((length) => Math.max(length, 14)));
  }
});

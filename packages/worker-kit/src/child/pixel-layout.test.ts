import { expect, test } from 'vitest';
import { rgbToRgba } from './pixel-layout.js';

test.each([1, 3, 4, 5, 8, 11])(
  'rgbToRgba adds an opaque channel to %i pixels, wherever they lie in memory',
  (pixels) => {
    for (let offset = 0; offset < 4; offset++) {
      const memory = Uint8Array.from({ length: pixels * 3 + 4 }, (_, at) => (at * 73 + 200) % 256);
      const rgb = memory.subarray(offset, offset + pixels * 3);
      const expected = Array.from({ length: pixels }, (_, at) => [...rgb.subarray(at * 3, at * 3 + 3), 255]).flat();
      expect([...rgbToRgba(rgb)]).toEqual(expected);
    }
  },
);

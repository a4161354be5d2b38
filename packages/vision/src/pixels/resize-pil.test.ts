import { describe, expect, test } from 'vitest';
import { aPicture, seeded, wholeBetween } from '../../test/seeded.js';
import type { RgbImage, Size } from './image.js';
import { type PilFilter, resizePil } from './resize-pil.js';

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

const filters: Record<string, [support: number, weight: (x: number) => number]> = {
  box: [0.5, (x) => (x > -0.5 && x <= 0.5 ? 1 : 0)],
  bilinear: [1, (x) => (Math.abs(x) < 1 ? 1 - Math.abs(x) : 0)],
  hamming: [1, (x) => (Math.abs(x) < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x)) : 0)],
  bicubic: [
    2,
    (x) => {
      const d = Math.abs(x);
      if (d < 1) return 1.5 * d ** 3 - 2.5 * d ** 2 + 1;
      return d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0;
    },
  ],
  lanczos: [3, (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0)],
};

/** One line of bytes to another length, exact integers. */
function plainLine(line: number[], length: number, filter: string): number[] {
  if (line.length === length) return line;
  const [support, weight] = filters[filter]!;
  const scale = line.length / length;
  const stretch = Math.max(scale, 1);
  return Array.from({ length }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const from = Math.max(Math.trunc(centre - support * stretch + 0.5), 0);
    const to = Math.min(Math.trunc(centre + support * stretch + 0.5), line.length);
    const weights = line.slice(from, to).map((_, k) => weight((k + from - centre + 0.5) / stretch));
    const total = weights.reduce((sum, w) => sum + w, 0);
    let sum = 2 ** 21;
    for (const [k, w] of weights.entries()) {
      const scaled = (w / total) * 2 ** 22;
      sum += line[from + k]! * Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5));
    }
    return Math.min(Math.max(Math.floor(sum / 2 ** 22), 0), 255);
  });
}

function plainResize(image: RgbImage, { width, height }: Size, filter: string): number[] {
  const result = new Array<number>(width * height * 3);
  for (let c = 0; c < 3; c++) {
    const rows = Array.from({ length: image.height }, (_, y) => {
      const line = Array.from({ length: image.width }, (_, x) => image.data[(y * image.width + x) * 3 + c]!);
      return plainLine(line, width, filter);
    });
    for (let x = 0; x < width; x++) {
      const column = plainLine(
        rows.map((row) => row[x]!),
        height,
        filter,
      );
      for (let y = 0; y < height; y++) result[(y * width + x) * 3 + c] = column[y]!;
    }
  }
  return result;
}

describe('resizePil', () => {
  test.each(Object.keys(filters) as PilFilter[])(
    '%s equals the rule applied line by line on random sizes',
    (filter) => {
      const random = seeded(filter.length);
      for (let round = 0; round < 25; round++) {
        const image = aPicture({ width: wholeBetween(1, 60, random), height: wholeBetween(1, 60, random) }, random);
        const size = { width: wholeBetween(1, 60, random), height: wholeBetween(1, 60, random) };
        expect(Array.from(resizePil(image, size, filter).data)).toEqual(plainResize(image, size, filter));
      }
    },
  );

  // Of 256 KiB, strips of rows go through the kernels' memory: these take several, or have rows that are longer.
  test.each([
    ['across, in strips of rows', { width: 3000, height: 60 }, { width: 40, height: 60 }],
    ['across, enlarging', { width: 40, height: 60 }, { width: 3001, height: 60 }],
    ['across, with rows longer than a strip', { width: 100_000, height: 2 }, { width: 31, height: 2 }],
    ['across, with more weights than the kept memory holds', { width: 3, height: 2 }, { width: 200_000, height: 2 }],
    ['down, in strips of rows', { width: 901, height: 300 }, { width: 901, height: 37 }],
    ['down, enlarging', { width: 901, height: 20 }, { width: 901, height: 201 }],
    ['down, with more taps than a strip has rows', { width: 901, height: 300 }, { width: 901, height: 1 }],
  ] as const)('equals the rule on large pictures too: %s', (_name, from, size) => {
    const image = aPicture(from, seeded(from.width));
    const resized = resizePil(image, size, 'bicubic');
    expect(Buffer.from(resized.data).equals(Uint8Array.from(plainResize(image, size, 'bicubic')))).toBe(true);
  });

  test('overshoot is cut to 0 and 255', () => {
    const stripes = { width: 8, height: 1, data: Uint8Array.from({ length: 24 }, (_, i) => (i % 24 < 12 ? 0 : 255)) };
    const { data } = resizePil(stripes, { width: 32, height: 4 }, 'lanczos');
    expect(Array.from(data)).toEqual(plainResize(stripes, { width: 32, height: 4 }, 'lanczos'));
  });

  test('nearest picks the px under the middle of each target px', () => {
    const image = aPicture({ width: 7, height: 5 }, seeded(1));
    const { data } = resizePil(image, { width: 3, height: 11 }, 'nearest');
    for (let y = 0; y < 11; y++) {
      for (let x = 0; x < 3; x++) {
        const from = (Math.floor(((y + 0.5) * 5) / 11) * 7 + Math.floor(((x + 0.5) * 7) / 3)) * 3;
        expect(data.slice((y * 3 + x) * 3, (y * 3 + x) * 3 + 3)).toEqual(image.data.slice(from, from + 3));
      }
    }
  });

  test.each(['nearest', 'bilinear', 'lanczos'] as const)(
    '%s copies at equal size and leaves the input alone',
    (filter) => {
      const image = aPicture({ width: 6, height: 5 }, seeded(2));
      const before = Uint8Array.from(image.data);
      const resized = resizePil(image, { width: 6, height: 5 }, filter);
      expect(Array.from(resized.data)).toEqual(Array.from(before));
      resized.data.fill(0);
      expect(image.data).toEqual(before);
    },
  );

  test('one pixel fills any size, with every filter', () => {
    const image = { width: 1, height: 1, data: Uint8Array.of(3, 128, 255) };
    for (const filter of [...Object.keys(filters), 'nearest'] as PilFilter[]) {
      const { data } = resizePil(image, { width: 2, height: 3 }, filter);
      for (let i = 0; i < 18; i += 3) expect(Array.from(data.subarray(i, i + 3))).toEqual([3, 128, 255]);
    }
  });

  test('refuses a target without px', () => {
    const image = aPicture({ width: 4, height: 4 }, seeded(3));
    expect(() => resizePil(image, { width: 0, height: 4 }, 'bilinear')).toThrow(RangeError);
  });
});

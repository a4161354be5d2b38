import { describe, expect, test } from 'vitest';
import { seeded, wholeBetween } from '../../test/seeded.js';
import { placementOf } from '../pixels/placement.js';
import { roundHalfEven } from '../round-half-even.js';
import { maskOf, wholeMask } from './mask.js';
import {
  type CropRule,
  coefficientsAt,
  cropRuleOf,
  inputMask,
  maskToImage,
  type PrototypeMaskOptions,
  retinaMask,
} from './prototype.js';

const f = Math.fround;

interface Grid {
  width: number;
  height: number;
  data: number[];
}

/** The whole mix, every px, float32. */
function plainMix({ prototypes, coefficients }: PrototypeMaskOptions): Grid {
  const { count, width, height, data: values } = prototypes;
  const data = Array.from({ length: width * height }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < count; c++) sum = f(sum + coefficients[c]! * values[c * width * height + i]!);
    return sum;
  });
  return { width, height, data };
}

/** The whole grid enlarged, every px. */
function plainUpsample(grid: Grid, width: number, height: number): Grid {
  const tap = (i: number, source: number, target: number) => {
    const position = Math.max(f(source / target) * (i + 0.5) - 0.5, 0);
    const first = Math.min(Math.floor(position), source - 1);
    const weight = f(position - first);
    return { first, second: Math.min(first + 1, source - 1), w0: f(1 - weight), w1: weight };
  };
  const data: number[] = [];
  for (let y = 0; y < height; y++) {
    const row = tap(y, grid.height, height);
    for (let x = 0; x < width; x++) {
      const column = tap(x, grid.width, width);
      const line = (at: number) =>
        f(
          f(grid.data[at * grid.width + column.first]! * column.w0) +
            f(grid.data[at * grid.width + column.second]! * column.w1),
        );
      data.push(f(f(line(row.first) * row.w0) + f(line(row.second) * row.w1)));
    }
  }
  return { width, height, data };
}

/** Zero outside the box. */
function plainCrop(grid: Grid, box: number[], rule: CropRule): Grid {
  const [x1, y1, x2, y2] = rule === 'rounded-edges' ? box.map(roundHalfEven) : box;
  const isInside = (x: number, y: number) => x >= x1! && x < x2! && y >= y1! && y < y2!;
  const data = grid.data.map((v, i) => (isInside(i % grid.width, Math.floor(i / grid.width)) ? v : 0));
  return { ...grid, data };
}

function plainCut(grid: Grid, image: { width: number; height: number }): Grid {
  const { padX, padY, padXExact, padYExact } = placementOf(image, grid);
  const right = grid.width - roundHalfEven(padXExact + 0.1);
  const bottom = grid.height - roundHalfEven(padYExact + 0.1);
  const data: number[] = [];
  for (let y = padY; y < bottom; y++) for (let x = padX; x < right; x++) data.push(grid.data[y * grid.width + x]!);
  return { width: right - padX, height: bottom - padY, data };
}

const above = ({ data }: Grid, threshold: number) => Uint8Array.from(data, (v) => (v > threshold ? 1 : 0));

function aCase(random: () => number, frame: { width: number; height: number }): PrototypeMaskOptions {
  const prototypes = {
    count: 3,
    width: 20,
    height: 16,
    data: Float32Array.from({ length: 960 }, () => random() - 0.5),
  };
  // Flat patches too, so that px of one sign lie between px of one sign.
  for (let i = 0; i < 960; i++) if (i % 20 > 8) prototypes.data[i] = i % 20 > 14 ? 0.4 : -0.3;
  const coefficients = Float32Array.from({ length: 3 }, () => random() * 2 - 0.6);
  const xs = [random(), random()].sort().map((x) => f((x * 1.4 - 0.2) * frame.width));
  const ys = [random(), random()].sort().map((y) => f((y * 1.4 - 0.2) * frame.height));
  const box = Float32Array.of(xs[0]!, ys[0]!, xs[1]!, ys[1]!);
  return { prototypes, coefficients, box, cropRule: random() < 0.5 ? 'rounded-edges' : 'exact-edges' };
}

describe('retinaMask', () => {
  test('equals upsampling the whole grid and then cutting to the box', () => {
    const random = seeded(1);
    for (let round = 0; round < 60; round++) {
      const image = { width: wholeBetween(1, 120, random), height: wholeBetween(1, 120, random) };
      const options = aCase(random, image);
      const whole = plainUpsample(plainCut(plainMix(options), image), image.width, image.height);
      const expected = above(plainCrop(whole, Array.from(options.box), options.cropRule), 0);
      const mask = retinaMask(options, image);
      expect(wholeMask(mask)).toEqual(expected);
      expect(mask.area).toBe(expected.reduce((sum, px) => sum + px, 0));
    }
  });

  test.each([
    ['without area', [5, 5, 5, 9]],
    ['outside the picture', [200, 200, 300, 300]],
    ['left of the picture', [-20, -20, -10, -10]],
    ['of NaN', [Number.NaN, Number.NaN, Number.NaN, Number.NaN]],
  ])('a box %s gives an empty mask', (_, box) => {
    const options = { ...aCase(seeded(2), { width: 50, height: 40 }), box };
    expect(retinaMask(options, { width: 50, height: 40 }).area).toBe(0);
    expect(inputMask(options, { width: 80, height: 64 }).area).toBe(0);
  });
});

describe('inputMask', () => {
  test('equals cutting the whole grid and then upsampling all of it', () => {
    const random = seeded(3);
    for (let round = 0; round < 60; round++) {
      const scale = wholeBetween(1, 5, random);
      const input = { width: 20 * scale, height: 16 * scale };
      const options = aCase(random, input);
      const gridBox = Array.from(options.box, (edge) => f(edge * f(1 / scale)));
      const cropped = plainCrop(plainMix(options), gridBox, options.cropRule);
      const expected = above(plainUpsample(cropped, input.width, input.height), 0);
      const mask = inputMask(options, input);
      expect(wholeMask(mask)).toEqual(expected);
      expect(mask.area).toBe(expected.reduce((sum, px) => sum + px, 0));
    }
  });
});

describe('maskToImage', () => {
  test('equals cutting the padding off and upsampling everything', () => {
    const random = seeded(4);
    for (let round = 0; round < 40; round++) {
      const image = { width: wholeBetween(1, 90, random), height: wholeBetween(1, 90, random) };
      const mask = maskOf(
        { width: 40, height: 32 },
        Uint8Array.from({ length: 1280 }, (_, i) => (random() < (i % 40) / 40 ? 1 : 0)),
      );
      const grid = { width: 40, height: 32, data: Array.from(mask.data) };
      const expected = above(plainUpsample(plainCut(grid, image), image.width, image.height), 0.5);
      expect(wholeMask(maskToImage(mask, image))).toEqual(expected);
    }
  });

  test('an empty mask stays empty', () => {
    const options = { ...aCase(seeded(5), { width: 80, height: 64 }), box: [3, 3, 3, 3] };
    expect(maskToImage(inputMask(options, { width: 80, height: 64 }), { width: 30, height: 20 }).area).toBe(0);
  });
});

test('edges are rounded below fifty detections and compared exactly from fifty on', () => {
  expect([cropRuleOf(0), cropRuleOf(49), cropRuleOf(50)]).toEqual(['rounded-edges', 'rounded-edges', 'exact-edges']);
});

test('coefficients are read down one column of the output', () => {
  const output = Float32Array.from({ length: 12 }, (_, i) => i);
  expect(coefficientsAt(output, { anchor: 2, anchorCount: 3, firstRow: 1, count: 2 })).toEqual(Float32Array.of(5, 8));
});

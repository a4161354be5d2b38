import { expect, test } from 'vitest';
import { aPicture, seeded } from '../../test/seeded.js';
import { toChw } from './to-chw.js';

const image = aPicture({ width: 7, height: 5 }, seeded(1));
const everyByte = { width: 16, height: 16, data: Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3)) };

test('pixels become planes of bytes divided by 255 in float32', () => {
  const tensor = toChw(image);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < 35; i++) expect(tensor[c * 35 + i]).toBe(Math.fround(image.data[i * 3 + c]! / 255));
  }
});

test('a mean and a deviation are applied in float32, step by step', () => {
  const mean = [0.485, 0.456, 0.406] as const;
  const std = [0.229, 0.224, 0.225] as const;
  const tensor = toChw(everyByte, { mean, std });
  for (let c = 0; c < 3; c++) {
    for (let byte = 0; byte < 256; byte++) {
      const centred = Math.fround(Math.fround(byte / 255) - Math.fround(mean[c]!));
      expect(tensor[c * 256 + byte]).toBe(Math.fround(centred / Math.fround(std[c]!)));
    }
  }
});

test('a scale replaces the division by 255', () => {
  expect(toChw(everyByte, { scale: 1 })[255]).toBe(255);
  expect(toChw(everyByte, { scale: 1 / 128, mean: [1, 1, 1] })[0]).toBe(-1);
});

test('planes can be asked for in the order blue, green, red', () => {
  const rgb = toChw(image);
  const bgr = toChw(image, { planes: 'bgr' });
  expect(bgr.subarray(0, 35)).toEqual(rgb.subarray(70));
  expect(bgr.subarray(35, 70)).toEqual(rgb.subarray(35, 70));
  expect(bgr.subarray(70)).toEqual(rgb.subarray(0, 35));
});

test('mean and deviation stay with their colour when planes change order', () => {
  const bgr = toChw(image, { planes: 'bgr', mean: [0.1, 0.2, 0.3] });
  expect(bgr[70]).toBe(Math.fround(Math.fround(image.data[0]! / 255) - Math.fround(0.1)));
});

test('one pixel is a tensor of three values', () => {
  expect(toChw({ width: 1, height: 1, data: Uint8Array.of(0, 51, 255) })).toEqual(Float32Array.of(0, 0.2, 1));
});

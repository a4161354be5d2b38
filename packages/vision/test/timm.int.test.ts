import { type PilFilter, softmax, timmInput, toChw, topK } from '@lensgate/vision';
import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf, openModel, readJson, readPicture, runModel } from './reference.js';

interface TimmReference {
  config: {
    input_size: [number, number, number];
    interpolation: PilFilter;
    mean: [number, number, number];
    std: [number, number, number];
    crop_pct: number;
    crop_mode: 'center' | 'squash' | 'border';
  };
  images: {
    image: string;
    top5: [number, number][];
    scores: number[];
    input_sha256_rgb_u8_hwc: string;
    tensor_sum: number;
  }[];
}

const names = [
  'model',
  'border-0.9-bicubic',
  'center-0.875-bicubic',
  'center-0.95-bilinear',
  'squash-1.0-bicubic',
  'squash-1.0-bilinear-01',
];
let session: InferenceSession;

beforeAll(async () => {
  session = await openModel('wardrobe-cls.onnx');
});

afterAll(() => session.release());

describe.each(names)('%s', (name) => {
  const { config, images } = readJson(`test/reference/results/cls/${name}.json`) as TimmReference;
  const [, height, width] = config.input_size;
  const { mean, std } = config;

  test.each(images)('$image: same pixels in, same classes out', async (reference) => {
    const picture = await readPicture(`test/reference/cls-images/${reference.image}`);
    const input = timmInput(picture, {
      width,
      height,
      mean,
      cropMode: config.crop_mode,
      cropPct: config.crop_pct,
      interpolation: config.interpolation,
    });
    expect(digestOf(input.data)).toBe(reference.input_sha256_rgb_u8_hwc);

    const tensor = toChw(input, { mean, std });
    const sum = tensor.reduce((total, value) => total + value, 0);
    expect(Math.abs(sum - reference.tensor_sum)).toBeLessThan(0.01);

    const [output] = await runModel(session, tensor, [height, width]);
    for (const [i, score] of reference.scores.entries()) expect(Math.abs(output!.data[i]! - score)).toBeLessThan(1e-4);
    const best = topK(softmax(output!.data), 5);
    expect(best.map(({ index }) => index)).toEqual(reference.top5.map(([index]) => index));
    for (const [i, [, value]] of reference.top5.entries()) expect(Math.abs(best[i]!.value - value)).toBeLessThan(1e-5);
  });
});

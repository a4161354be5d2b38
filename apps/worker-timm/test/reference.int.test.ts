import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootDir, sha256Of, withMetadata } from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeImage } from '../../../packages/worker-kit/src/child/decode.js';
import { readOnnxFacts } from '../../../packages/worker-kit/src/child/onnx-file.js';
import { timmClassifier } from '../src/families/timm-classifier.js';

interface TimmReference {
  readonly config: { readonly mean: readonly number[]; readonly std: readonly number[] };
  readonly images: readonly {
    readonly image: string;
    readonly input_sha256_rgb_u8_hwc: string;
    readonly tensor_sum: number;
  }[];
}

const results = join(rootDir, 'test/reference/results/cls');
const files = (await readdir(results)).filter((name) => name.endsWith('.json'));
const model = await readFile(join(rootDir, 'models/wardrobe-cls.onnx'));

/** [3, height, width] as the model gets it, back to the 8-bit pixels [height, width, 3] that it was made of. */
function pixelsOf(tensor: Float32Array, { mean, std }: TimmReference['config']): Uint8Array {
  const plane = tensor.length / 3;
  const pixels = new Uint8Array(tensor.length);
  for (let at = 0; at < tensor.length; at++) {
    const channel = Math.floor(at / plane);
    pixels[(at % plane) * 3 + channel] = Math.round((tensor[at]! * std[channel]! + mean[channel]!) * 255);
  }
  return pixels;
}

describe.each(files)('a checkpoint configured as %s', async (file) => {
  const { config, images } = JSON.parse(await readFile(join(results, file), 'utf8')) as TimmReference;
  let folder: string;
  let spec: unknown;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lensgate-timm-'));
    const path = join(folder, 'model.onnx');
    await writeFile(path, withMetadata(model, { pretrained_cfg: JSON.stringify(config) }));
    const recognition = timmClassifier.recognize(readOnnxFacts(path));
    if (!recognition || 'refusal' in recognition) throw new Error(JSON.stringify(recognition));
    expect(recognition).toMatchObject({ inputWidth: 64, inputHeight: 64, warnings: [] });
    spec = recognition.spec;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(images)('is fed $image with the pixels that timm makes of it, to the last bit', async (reference) => {
    const picture = await readFile(join(rootDir, 'test/reference/cls-images', reference.image));
    const image = await decodeImage(picture, { pixelsMax: 10_000_000 });
    const { feeds } = timmClassifier.preprocess(image, spec);
    const { data, dims } = feeds.input!;
    expect(dims).toEqual([1, 3, 64, 64]);
    const tensor = data as Float32Array;
    expect(sha256Of(pixelsOf(tensor, config))).toBe(reference.input_sha256_rgb_u8_hwc);
    expect(Math.abs(tensor.reduce((sum, value) => sum + value, 0) - reference.tensor_sum)).toBeLessThan(0.01);
  });
});

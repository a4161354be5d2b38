import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferenceReply, Problem } from '@lensgate/contracts';
import {
  closeConnections,
  detectModel,
  modelOfShapes,
  rootDir,
  type StartedWorker,
  startWorker,
  withMetadata,
} from '@lensgate/testing';
import { sigmoid, softmax } from '@lensgate/vision';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel, readPicture, runModel } from '../../../packages/vision/test/reference.js';
import { type PlainSteps, plainProcess } from './plain-processor.js';

type Classification = Extract<InferenceReply, { task_type: 'image_classification' }>;
type Session = Awaited<ReturnType<typeof openModel>>;

const labels = ['티셔츠', '바지', '풀오버', '드레스', '코트', '샌들', '셔츠', '스니커즈', '가방', '앵클부츠'];
const id2label = Object.fromEntries(labels.map((label, id) => [String(id), label]));
const model = await readFile(join(rootDir, 'models/wardrobe-cls.onnx'));
const pictures = ['03-coat-166x241.png', '04-coat-58x78.png', '13-shirt-180x213.png'];

/** The wardrobe classifier as a folder of transformers, kept in one file. */
const checkpoint = (preprocessor: object | null, config: object | null = { id2label }) =>
  withMetadata(model, {
    ...(preprocessor ? { 'preprocessor_config.json': JSON.stringify(preprocessor) } : {}),
    ...(config ? { 'config.json': JSON.stringify(config) } : {}),
  });

let worker: StartedWorker;
let session: Session;
beforeAll(async () => {
  session = await openModel('wardrobe-cls.onnx');
  worker = await startWorker({ framework: 'huggingface' });
});
afterAll(async () => {
  await closeConnections();
  await session?.release();
  await worker?.close();
});

const fields = { framework: 'huggingface', task_type: 'image_classification', num_classes: 10 };

async function classify(sha256: string, picture: string, more = {}): Promise<Classification> {
  const image = await readFile(join(rootDir, 'test/reference/cls-images', picture));
  const { status, body } = await worker.quick<Classification>(sha256, { image, fields: { ...fields, ...more } });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

async function plainLogits(picture: string, steps: PlainSteps): Promise<Float32Array> {
  const image = await readPicture(`test/reference/cls-images/${picture}`);
  const [logits] = await runModel(session, plainProcess(image, steps), [64, 64]);
  return logits!.data;
}

const squash = (side: number) => (): [number, number] => [side, side];
const shortSide =
  (side: number) =>
  (width: number, height: number): [number, number] =>
    width < height ? [side, Math.floor((side * height) / width)] : [Math.floor((side * width) / height), side];
const rgb: [number, number, number] = [0, 1, 2];
const around =
  (mean: readonly number[], std: readonly number[]): PlainSteps['value'] =>
  (value, channel) =>
    (value / 255 - mean[channel]!) / std[channel]!;
const half = around([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]);
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const clip = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] };
const plain = { filter: 'bilinear', crop: null, value: half, order: rgb } as const;

/** Files as they are written, and what transformers makes of a picture for each. */
const processors: { name: string; file: object; steps: PlainSteps; warning?: RegExp }[] = [
  {
    name: 'ViT, squashed to both sides',
    file: { image_processor_type: 'ViTImageProcessor', size: { height: 64, width: 64 } },
    steps: { ...plain, resize: squash(64) },
  },
  {
    name: 'an old feature extractor with one number as its size',
    file: {
      feature_extractor_type: 'ViTFeatureExtractor',
      size: 64,
      resample: 3,
      image_mean: imagenet.mean,
      image_std: imagenet.std,
    },
    steps: { ...plain, resize: squash(64), filter: 'bicubic', value: around(imagenet.mean, imagenet.std) },
  },
  {
    name: 'a fast processor that writes null for what is not set',
    file: {
      image_processor_type: 'ViTImageProcessorFast',
      crop_size: null,
      do_center_crop: null,
      do_convert_rgb: null,
      do_pad: null,
      image_mean: [0.5, 0.5, 0.5],
      image_std: 0.5,
      size: { height: 64, width: 64, longest_edge: null },
    },
    steps: { ...plain, resize: squash(64) },
  },
  {
    name: 'ConvNext below 384 px, with a margin around the crop',
    file: { image_processor_type: 'ConvNextImageProcessor', size: { shortest_edge: 64 }, crop_pct: null },
    steps: { ...plain, resize: shortSide(73), filter: 'bicubic', crop: 64 },
  },
  {
    name: 'ConvNext with a crop_pct of its own',
    file: { image_processor_type: 'ConvNextFeatureExtractor', size: 64, crop_pct: 0.95, resample: 2 },
    steps: { ...plain, resize: shortSide(67), crop: 64 },
  },
  {
    name: 'DeiT, squashed, then its middle',
    file: { image_processor_type: 'DeiTImageProcessor', size: 73, crop_size: 64, do_center_crop: true },
    steps: { ...plain, resize: squash(73), filter: 'bicubic', crop: 64 },
  },
  {
    name: 'BiT, short side, then its middle',
    file: {
      image_processor_type: 'BitImageProcessor',
      size: { shortest_edge: 71 },
      crop_size: { height: 64, width: 64 },
    },
    steps: { ...plain, resize: shortSide(71), filter: 'bicubic', crop: 64, value: around(clip.mean, clip.std) },
  },
  {
    name: 'LeViT, whose short side is enlarged by 256/224',
    file: { image_processor_type: 'LevitImageProcessor', size: { shortest_edge: 64 }, crop_size: 64 },
    steps: {
      ...plain,
      resize: shortSide(73),
      filter: 'bicubic',
      crop: 64,
      value: around(imagenet.mean, imagenet.std),
    },
  },
  {
    name: 'PoolFormer, whose short side is enlarged by 1 / 0.9',
    file: { image_processor_type: 'PoolFormerImageProcessor', size: { shortest_edge: 64 }, crop_size: 64 },
    steps: {
      ...plain,
      resize: shortSide(71),
      filter: 'bicubic',
      crop: 64,
      value: around(imagenet.mean, imagenet.std),
    },
  },
  {
    name: 'MobileViT, blue first and not normalised',
    file: { image_processor_type: 'MobileViTImageProcessor', size: { shortest_edge: 72 }, crop_size: 64 },
    steps: { ...plain, resize: shortSide(72), crop: 64, value: (value) => value / 255, order: [2, 1, 0] },
  },
  {
    name: 'a crop that is larger than the picture, on black',
    file: { image_processor_type: 'MobileNetV2ImageProcessor', size: { shortest_edge: 51 }, crop_size: 64 },
    steps: { ...plain, resize: shortSide(51), crop: 64 },
  },
  {
    name: 'EfficientNet, around zero and divided twice',
    file: {
      image_processor_type: 'EfficientNetImageProcessor',
      size: { height: 64, width: 64 },
      resample: 0,
      rescale_factor: 1 / 127.5,
      rescale_offset: true,
      include_top: true,
    },
    steps: {
      ...plain,
      resize: squash(64),
      filter: 'nearest',
      value: (value) => (value / 127.5 - 1 - 0.5) / 0.5 / 0.5,
    },
  },
  {
    name: 'no normalisation',
    file: { image_processor_type: 'ViTImageProcessor', size: { height: 64, width: 64 }, do_normalize: false },
    steps: { ...plain, resize: squash(64), value: (value) => value / 255 },
  },
  {
    name: 'no rescaling',
    file: {
      image_processor_type: 'ViTImageProcessor',
      size: { height: 64, width: 64 },
      do_rescale: false,
      image_mean: [123, 116, 103],
      image_std: [58, 57, 57],
    },
    steps: {
      ...plain,
      resize: squash(64),
      value: (value, channel) => (value - [123, 116, 103][channel]!) / [58, 57, 57][channel]!,
    },
  },
  {
    name: 'a processor that is not known, with its own size',
    file: { image_processor_type: 'TreeImageProcessor', size: { height: 64, width: 64 } },
    steps: { ...plain, resize: squash(64) },
    warning: /"TreeImageProcessor" is not known/,
  },
];

describe.each(processors)('preprocessing by $name', ({ file, steps, warning }) => {
  test.each(pictures)('of %s gives the probabilities of a plain computation', async (picture) => {
    const { status, body: stored } = await worker.put(checkpoint(file));
    expect(status, JSON.stringify(stored)).toBe(200);
    expect(stored.findings).toMatchObject({ family: 'hf-image-classifier', num_classes: 10, class_names: labels });
    expect(stored.findings).toMatchObject({ input_width: 64, input_height: 64 });

    const wanted = softmax(await plainLogits(picture, steps));
    const answer = await classify(stored.sha256, picture, { top_k: 10 });
    expect(answer.predictions).toHaveLength(10);
    for (const { label_id, label, confidence } of answer.predictions) {
      expect(label).toBe(labels[label_id]);
      expect(Math.abs(confidence - wanted[label_id]!)).toBeLessThan(0.0005);
    }
    expect(answer.warnings).toEqual(warning ? [expect.stringMatching(warning)] : []);
  });
});

const vit64 = { image_processor_type: 'ViTImageProcessor', size: { height: 64, width: 64 } };

describe('config.json', () => {
  test('makes classes independent of each other for problem_type multi_label_classification', async () => {
    const config = { id2label, problem_type: 'multi_label_classification' };
    const { body: stored } = await worker.put(checkpoint(vit64, config));
    const [picture = ''] = pictures;
    const wanted = sigmoid(await plainLogits(picture, { ...plain, resize: squash(64) }));
    const { predictions } = await classify(stored.sha256, picture, { top_k: 10 });
    for (const { label_id, confidence } of predictions) {
      expect(Math.abs(confidence - wanted[label_id]!)).toBeLessThan(0.0005);
    }
    expect(predictions.map(({ confidence }) => confidence)).toEqual(
      predictions.map(({ confidence }) => confidence).sort((a, b) => b - a),
    );
  });

  test('may be missing: labels are numbers then, and a warning says why', async () => {
    // The demo model itself names its classes in a way that only its own family reads.
    const { body: stored } = await worker.put(checkpoint(vit64, null));
    expect(stored.warnings.join(' ')).toMatch(/without its config\.json/);
    const { predicted_label, predicted_label_id } = await classify(stored.sha256, pictures[0]!);
    expect(predicted_label).toBe(String(predicted_label_id));
  });

  test('is not asked for names that the job has', async () => {
    const { body: stored } = await worker.put(checkpoint(vit64, null));
    const answer = await classify(stored.sha256, pictures[0]!, { class_names: JSON.stringify(labels) });
    expect(answer.predicted_label).toBe(labels[answer.predicted_label_id]);
  });

  test('newer folders keep the processor in processor_config.json', async () => {
    const file = withMetadata(model, {
      'processor_config.json': JSON.stringify({ image_processor: vit64 }),
      'config.json': JSON.stringify({ id2label }),
    });
    const { status, body } = await worker.put(file);
    expect([status, body.findings.family]).toEqual([200, 'hf-image-classifier']);
  });
});

describe('a Hugging Face worker refuses with 424 in words', () => {
  test.each<[string, () => Uint8Array, RegExp]>([
    ['a checkpoint without preprocessor_config.json', () => checkpoint(null), /without its preprocessor_config\.json/],
    [
      'a size that the graph does not take',
      () => checkpoint({ image_processor_type: 'ViTImageProcessor', size: { height: 224, width: 224 } }),
      /makes 224×224 px, the model takes 64×64 px/,
    ],
    [
      'a default size that the graph does not take',
      () => checkpoint({ image_processor_type: 'ViTImageProcessor' }),
      /makes 224×224 px, the model takes 64×64 px/,
    ],
    [
      'sizes that depend on the picture',
      () => checkpoint({ image_processor_type: 'ViTImageProcessor', size: { shortest_edge: 64 } }),
      /proportions, the model takes 64×64 px/,
    ],
    ['padding', () => checkpoint({ ...vit64, do_pad: true }), /do_pad/],
    ['a key that is no number', () => checkpoint({ ...vit64, resample: 'bilinear' }), /cannot be read: resample/],
    ['two names for ten classes', () => checkpoint(vit64, { id2label: { 0: 'a', 1: 'b' } }), /10 classes.* names 2/],
    ['a detector', () => detectModel(), /of no family that this worker serves \(hf-image-classifier\)/],
    [
      'a model of two outputs',
      () =>
        modelOfShapes({
          task: 'x',
          outputs: [
            [1, 3],
            [1, 3],
          ],
        }),
      /of no family/,
    ],
  ])('%s', async (_what, file, words) => {
    const { status, body } = await worker.put<Problem>(file());
    expect([status, body.code]).toEqual([424, 'CHECKPOINT_REFUSED']);
    expect(body.detail).toMatch(words);
  });
});

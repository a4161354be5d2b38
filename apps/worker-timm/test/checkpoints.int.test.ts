import { readdir, readFile } from 'node:fs/promises';
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
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

type Classification = Extract<InferenceReply, { task_type: 'image_classification' }>;

/** What Ultralytics answers: its preprocessing of classifiers is one that timm can be told to do. */
interface Probabilities {
  readonly image: string;
  readonly top5: readonly (readonly [id: number, probability: number])[];
}

let worker: StartedWorker;
const model = await readFile(join(rootDir, 'models/wardrobe-cls.onnx'));
beforeAll(async () => {
  worker = await startWorker({ framework: 'timm' });
});
afterAll(async () => {
  await closeConnections();
  await worker?.close();
});

const fields = { framework: 'timm', task_type: 'image_classification', num_classes: 10 };

describe('a timm worker accepts', () => {
  test('a classifier without pretrained_cfg, and says which defaults it takes', async () => {
    const { status, body } = await worker.put(modelOfShapes({ task: 'classify', outputs: [[1, 4]], classCount: 4 }));
    expect(status).toBe(200);
    expect(body.findings).toMatchObject({ family: 'timm-classifier', num_classes: 4, input_width: 64 });
    expect(body.warnings.join(' ')).toMatch(/no pretrained_cfg.*crop_pct 0\.875/);
  });

  test('a classifier whose classes have Korean names, and answers with them', async () => {
    const labels = ['티셔츠', '바지', '풀오버', '드레스', '코트', '샌들', '셔츠', '스니커즈', '가방', '앵클부츠'];
    const cfg = { input_size: [3, 64, 64], interpolation: 'bilinear', crop_pct: 1, crop_mode: 'squash' };
    const named = withMetadata(model, { pretrained_cfg: JSON.stringify({ ...cfg, label_names: labels }) });
    const { body: stored } = await worker.put(named);
    const image = await readFile(join(rootDir, 'test/reference/cls-images/19-ankle-boot-437x374.png'));
    const { status, body } = await worker.quick<Classification>(stored.sha256, {
      image,
      fields: { ...fields, overlay: true },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ predicted_label: '앵클부츠', predicted_label_id: 9 });
    expect(body.overlay_base64).toBeTypeOf('string');
  });

  test('a classifier that ends in a softmax, and applies no second one', async () => {
    const synthetic = join(rootDir, 'test/reference/synthetic');
    const cfg = { interpolation: 'bilinear', crop_pct: 1, crop_mode: 'center', mean: [0, 0, 0], std: [1, 1, 1] };
    const file = withMetadata(await readFile(join(synthetic, 'models/syn-cls.onnx')), {
      pretrained_cfg: JSON.stringify(cfg),
    });
    const { body: stored } = await worker.put(file);
    const results = await readdir(join(synthetic, 'results/syn-cls'));
    expect(results.length).toBeGreaterThan(10);
    for (const name of results) {
      const expected = JSON.parse(await readFile(join(synthetic, 'results/syn-cls', name), 'utf8')) as Probabilities;
      const folder = expected.image.startsWith('v') ? 'test/reference/variants' : 'models/samples';
      const image = await readFile(join(rootDir, folder, expected.image));
      const { body } = await worker.quick<Classification>(stored.sha256, { image, fields });
      expect(body.top5_predictions.map(({ label_id }) => label_id)).toEqual(expected.top5.map(([id]) => id));
      for (const [at, [, probability]] of expected.top5.entries()) {
        expect(Math.abs(body.top5_predictions[at]!.confidence - probability)).toBeLessThan(0.0005);
      }
    }
  });
});

describe('a timm worker refuses with 424 in words', () => {
  const refused = async (file: Uint8Array, words: RegExp) => {
    const { status, body } = await worker.put<Problem>(file);
    expect([status, body.code]).toEqual([424, 'CHECKPOINT_REFUSED']);
    expect(body.detail).toMatch(words);
  };

  test('a detector', () => refused(detectModel(), /of no family that this worker serves \(timm-classifier\)/));

  test('an output of several pictures', () =>
    refused(
      modelOfShapes({ task: 'classify', outputs: [[2, 4]] }),
      /output is float32 \[2, 4\], not float32 \[1, classes\]/,
    ));

  test('two outputs', () =>
    refused(
      modelOfShapes({
        task: 'classify',
        outputs: [
          [1, 4],
          [1, 4],
        ],
      }),
      /of no family/,
    ));

  test('names that are not as many as the classes', () =>
    refused(
      withMetadata(model, { pretrained_cfg: JSON.stringify({ label_names: ['one', 'two'] }) }),
      /has 10 classes, the checkpoint names 2/,
    ));

  test('a value of pretrained_cfg that timm does not know', () =>
    refused(withMetadata(model, { pretrained_cfg: JSON.stringify({ crop_mode: 'tile' }) }), /crop_mode/));

  test('a file that is no ONNX model', () => refused(Buffer.from('PK not a model at all'), /./));
});

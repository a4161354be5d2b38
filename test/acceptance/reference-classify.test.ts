import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { closeConnections, rootDir, type Stack, startStack, withMetadata } from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Classification, type GatewayAnswers, gatewayAnswers } from './gateway-answers.js';

interface TimmReference {
  readonly config: Readonly<Record<string, unknown>>;
  readonly images: readonly { readonly image: string; readonly top5: readonly (readonly [number, number])[] }[];
}

const classifierJob = 22;
const probabilityTolerance = 0.0005;
const labels = ['t-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle-boot'];

const folder = join(rootDir, 'test/reference/results/cls');
const references = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({
    name: basename(file, '.json'),
    reference: JSON.parse(readFileSync(join(folder, file), 'utf8')) as TimmReference,
  }));
const checkpoint = readFileSync(join(rootDir, 'models/wardrobe-cls.onnx'));
const pictureOf = (image: string) => readFileSync(join(rootDir, 'test/reference/cls-images', image));

let stack: Stack;
let gateway: GatewayAnswers;
beforeAll(async () => {
  stack = await startStack({ frameworks: ['timm'] });
  gateway = gatewayAnswers(stack.gateway.url);
});
afterAll(async () => {
  await closeConnections();
  await stack?.close();
});

const classify = (jobId: number, image: string, fields = {}) =>
  gateway.quick<Classification>(jobId, {
    image: pictureOf(image),
    filename: image,
    fields: { overlay: false, ...fields },
  });

function expectTop5(answer: Classification, top5: TimmReference['images'][number]['top5']) {
  const found = answer.top5_predictions;
  expect(found.map(({ label_id, label }) => [label_id, label])).toEqual(top5.map(([id]) => [id, labels[id]]));
  for (const [at, [, probability]] of top5.entries()) {
    expect(Math.abs(found[at]!.confidence - probability)).toBeLessThanOrEqual(probabilityTolerance);
  }
  expect(answer).toMatchObject({
    predicted_label_id: found[0]!.label_id,
    predicted_label: found[0]!.label,
    confidence: found[0]!.confidence,
  });
}

test('there are references for six configurations', () => {
  expect(references).toHaveLength(6);
});

describe.each(references)('a checkpoint preprocessed as $name', ({ name, reference }) => {
  let jobId = classifierJob;
  beforeAll(async () => {
    // The demo job's own checkpoint has this configuration.
    if (name === 'model') return;
    const pretrainedCfg = JSON.stringify({ ...reference.config, label_names: labels });
    const job = await gateway.jobWith(
      { name, framework: 'timm', task_type: 'image_classification', num_classes: 10 },
      withMetadata(checkpoint, { pretrained_cfg: pretrainedCfg }),
    );
    expect(job.checkpoint).toMatchObject({
      status: 'accepted',
      findings: { family: 'timm-classifier', input_width: 64, input_height: 64, num_classes: 10, class_names: labels },
    });
    jobId = job.id;
  });

  test.each(reference.images)('gives $image the top five of the reference', async ({ image, top5 }) => {
    expectTop5(await classify(jobId, image), top5);
  });
});

describe('the classifier job', () => {
  const { image, top5 } = references.find(({ name }) => name === 'model')!.reference.images[0]!;

  test('answers as many classes as asked for, and never more than five in top5_predictions', async () => {
    const all = await classify(classifierJob, image, { top_k: 1000 });
    expect(all.predictions).toHaveLength(labels.length);
    expect(all.predictions.map(({ label }) => label).sort()).toEqual([...labels].sort());
    expect(all.predictions.reduce((sum, { confidence }) => sum + confidence, 0)).toBeCloseTo(1, 4);
    expectTop5(all, top5);

    const two = await classify(classifierJob, image, { top_k: 2 });
    expect(two.predictions).toEqual(all.predictions.slice(0, 2));
    expect(two.top5_predictions).toEqual(two.predictions);
  });

  test('says which options it does not read', async () => {
    const { warnings } = await classify(classifierJob, image, { iou_threshold: 0.3, masks: 'rle' });
    expect(warnings.join(' ')).toMatch(/iou_threshold/);
  });
});

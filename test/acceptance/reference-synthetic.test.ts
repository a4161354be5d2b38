import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  boxDifferences,
  closeConnections,
  type ReferenceDetections,
  rootDir,
  type Stack,
  startStack,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Detection, type GatewayAnswers, gatewayAnswers } from './gateway-answers.js';

interface SyntheticDetections extends ReferenceDetections {
  readonly settings: ReferenceDetections['settings'] & {
    readonly conf: number;
    readonly iou: number;
    readonly max_det: number;
    readonly agnostic_nms: boolean;
  };
}

const synthetic = join(rootDir, 'test/reference/synthetic');

function referencesOf(results: string) {
  const folder = join(synthetic, 'results', results);
  return readdirSync(folder).map((file) => {
    const expected = JSON.parse(readFileSync(join(folder, file), 'utf8')) as SyntheticDetections;
    const pictures = expected.image.startsWith('v') ? 'test/reference/variants' : 'models/samples';
    return { name: expected.image, expected, picture: readFileSync(join(rootDir, pictures, expected.image)) };
  });
}

let stack: Stack;
let gateway: GatewayAnswers;
beforeAll(async () => {
  stack = await startStack({ frameworks: ['ultralytics'] });
  gateway = gatewayAnswers(stack.gateway.url);
});
afterAll(async () => {
  await closeConnections();
  await stack?.close();
});

// Random weights find a hundred boxes in every picture, so that order, ties and limits of NMS all matter.
describe.each([
  { model: 'syn-det', results: 'syn-det' },
  { model: 'syn-det', results: 'syn-det-agnostic' },
  { model: 'syn-det-dynamic', results: 'syn-det-dynamic' },
])('$results', ({ model, results }) => {
  let jobId: number;
  beforeAll(async () => {
    const file = readFileSync(join(synthetic, 'models', `${model}.onnx`));
    jobId = (await gateway.jobWith({ name: model, num_classes: 10 }, file)).id;
  });

  test.each(referencesOf(results))('finds the boxes of the reference in $name', async ({ picture, expected }) => {
    const { conf, iou, max_det, agnostic_nms } = expected.settings;
    const answer = await gateway.quick<Detection>(jobId, {
      image: picture,
      fields: {
        confidence_threshold: conf,
        iou_threshold: iou,
        max_detections: max_det,
        agnostic_nms,
        overlay: false,
      },
    });
    expect(boxDifferences(answer.predicted_boxes, expected)).toEqual([]);
    expect(answer).toMatchObject({ image_width: expected.width, image_height: expected.height });
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PredictedBox, PredictedMask } from '@lensgate/contracts';
import { closeConnections, type Fields, rootDir, type Stack, startStack } from '@lensgate/testing';
import { decodeRle, wholeMask } from '@lensgate/vision';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gatewayAnswers, type Segmentation } from './gateway-answers.js';
import { pngSamples } from './png-samples.js';

interface ReferenceMask {
  readonly size_hw: readonly [height: number, width: number];
  /** Row by row, in turn 0 and 1, beginning with 0. */
  readonly rle: readonly number[];
}

interface ReferenceInstance {
  readonly xyxy: readonly number[];
  readonly conf: number;
  readonly cls: number;
  readonly name: string;
  readonly polygon: readonly (readonly [number, number])[];
  readonly mask: ReferenceMask;
  /** Where the mask's frame is not the picture's. */
  readonly mask_scaled?: ReferenceMask;
}

interface ReferenceResult {
  readonly image: string;
  readonly width: number;
  readonly height: number;
  readonly settings: { readonly conf: number; readonly iou: number; readonly max_det: number };
  readonly detections: readonly ReferenceInstance[];
  readonly detections_retina: readonly ReferenceInstance[];
}

const segmenterJob = 21;
const tolerance = { px: 0.1, confidence: 0.001, iouMin: 0.995 };
/** Answers have four digits after the point, the reference's polygons three. */
const roundingPx = { answer: 2e-4, polygon: 6e-4 };

interface Suite {
  readonly folder: string;
  /** Of a model that is uploaded for a job of its own; the demo job otherwise. */
  readonly modelPath?: string;
}

const suites: readonly Suite[] = [
  { folder: 'test/reference/results/seg-samples' },
  { folder: 'test/reference/results/seg-variants' },
  { folder: 'test/reference/results/seg-lowconf' },
  // Random weights: up to a hundred instances a picture, with masks of every form and many of no area.
  {
    folder: 'test/reference/synthetic/results/syn-seg',
    modelPath: 'test/reference/synthetic/models/syn-seg.onnx',
  },
];

function referencesOf({ folder }: Suite) {
  return readdirSync(join(rootDir, folder)).map((file) => {
    const expected = JSON.parse(readFileSync(join(rootDir, folder, file), 'utf8')) as ReferenceResult;
    const pictures = expected.image.startsWith('v') ? 'test/reference/variants' : 'models/samples';
    return { name: expected.image, expected, picture: readFileSync(join(rootDir, pictures, expected.image)) };
  });
}

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ frameworks: ['ultralytics'] });
});
afterAll(async () => {
  await closeConnections();
  await stack?.close();
});

function segment(
  jobId: number,
  picture: Uint8Array,
  { settings }: ReferenceResult,
  fields: Fields,
): Promise<Segmentation> {
  return gatewayAnswers(stack.gateway.url).quick<Segmentation>(jobId, {
    image: picture,
    fields: {
      confidence_threshold: settings.conf,
      iou_threshold: settings.iou,
      max_detections: settings.max_det,
      overlay: false,
      ...fields,
    },
  });
}

/** [height, width] of 0 and 1 */
function maskOf({ size_hw: [height, width], rle }: ReferenceMask): Uint8Array {
  const mask = new Uint8Array(height * width);
  let at = 0;
  for (const [index, length] of rle.entries()) {
    if (index % 2 === 1) mask.fill(1, at, at + length);
    at += length;
  }
  return mask;
}

/** The reference's mask at the picture's size. */
function pictureMask({ mask, mask_scaled: scaled }: ReferenceInstance, { width, height }: ReferenceResult): Uint8Array {
  const found = scaled ?? mask;
  expect(found.size_hw).toEqual([height, width]);
  return maskOf(found);
}

function iou(one: Uint8Array, other: Uint8Array): number {
  let both = 0;
  let either = 0;
  for (let at = 0; at < one.length; at++) {
    both += one[at]! & other[at]!;
    either += one[at]! | other[at]!;
  }
  return either === 0 ? 1 : both / either;
}

function expectBoxes(boxes: readonly PredictedBox[], expected: readonly ReferenceInstance[]) {
  expect(boxes.map(({ class_id, label }) => [class_id, label])).toEqual(expected.map(({ cls, name }) => [cls, name]));
  for (const [at, { x1, y1, x2, y2, bbox, confidence }] of boxes.entries()) {
    const { xyxy, conf } = expected[at]!;
    expect(Math.abs(confidence - conf)).toBeLessThanOrEqual(tolerance.confidence);
    const corners = [x1, y1, x2, y2];
    for (const [edge, value] of xyxy.entries()) {
      expect(Math.abs(corners[edge]! - value)).toBeLessThanOrEqual(tolerance.px);
    }
    for (const [axis, value] of [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1].entries()) {
      expect(Math.abs(bbox[axis]! - value)).toBeLessThanOrEqual(roundingPx.answer);
    }
  }
}

function expectPolygons(masks: readonly PredictedMask[], expected: readonly ReferenceInstance[]) {
  for (const [at, { polygon = [] }] of masks.entries()) {
    const points = expected[at]!.polygon;
    expect(polygon).toHaveLength(points.length);
    for (const [index, [x, y]] of points.entries()) {
      const [ourX, ourY] = polygon[index]!;
      expect(Math.max(Math.abs(ourX - x), Math.abs(ourY - y))).toBeLessThanOrEqual(roundingPx.polygon);
    }
  }
}

/** Each pixel has the number, from 1, of the first instance that covers it. */
function expectNumbers(base64: string | undefined, masks: readonly Uint8Array[], { width, height }: ReferenceResult) {
  const png = pngSamples(Buffer.from(base64 ?? '', 'base64'));
  expect(png).toMatchObject({ width, height, bitDepth: 8, colourType: 3 });
  expect(png.palette.length).toBe(3 * (masks.length + 1));
  const numbers = new Uint8Array(width * height);
  for (const [index, mask] of masks.entries()) {
    for (let at = 0; at < mask.length; at++) if (mask[at] === 1 && numbers[at] === 0) numbers[at] = index + 1;
  }
  expect(Buffer.compare(png.samples, numbers)).toBe(0);
}

describe.each(suites)('$folder', (suite) => {
  let jobId = segmenterJob;
  beforeAll(async () => {
    if (!suite.modelPath) return;
    const model = readFileSync(join(rootDir, suite.modelPath));
    const job = { name: 'synthetic', task_type: 'instance_segmentation', num_classes: 10 } as const;
    jobId = (await gatewayAnswers(stack.gateway.url).jobWith(job, model)).id;
  });

  describe.each(referencesOf(suite))('$name', ({ picture, expected }) => {
    test.each([
      { masks: "at the picture's size", retina: true },
      { masks: "at the model's size", retina: false },
    ])('has the boxes, masks and polygons of the reference, masks $masks', async ({ retina }) => {
      const instances = retina ? expected.detections_retina : expected.detections;
      const wanted = instances.map((instance) => pictureMask(instance, expected));

      const outlined = await segment(jobId, picture, expected, { retina_masks: retina, masks: 'polygon' });
      expectBoxes(outlined.predicted_boxes, instances);
      expectPolygons(outlined.predicted_masks, instances);
      expect(outlined).toMatchObject({
        num_detections: instances.length,
        num_instances: instances.length,
        image_width: expected.width,
        image_height: expected.height,
      });

      const { predicted_masks: encoded, predicted_mask_base64 } = await segment(jobId, picture, expected, {
        retina_masks: retina,
        masks: 'rle',
      });
      expect(encoded.map(({ instance_id }) => instance_id)).toEqual(wanted.map((_, index) => index + 1));
      const decoded = encoded.map(({ rle, polygon }) => {
        expect(polygon).toBeUndefined();
        return wholeMask(decodeRle(rle!));
      });
      for (const [index, mask] of decoded.entries()) {
        expect(iou(mask, wanted[index]!)).toBeGreaterThanOrEqual(tolerance.iouMin);
      }
      expectNumbers(predicted_mask_base64, decoded, expected);
      expectNumbers(outlined.predicted_mask_base64, decoded, expected);
    });
  });
});

describe('the segmenter job', () => {
  const [reference] = referencesOf(suites[0]!);
  const { picture, expected } = reference!;

  test('answers boxes alone for masks=none', async () => {
    const answer = await segment(segmenterJob, picture, expected, { masks: 'none' });
    expectBoxes(answer.predicted_boxes, expected.detections_retina);
    for (const mask of answer.predicted_masks) {
      expect(Object.keys(mask).sort()).toEqual(['class_id', 'confidence', 'instance_id']);
    }
    expect(answer).not.toHaveProperty('predicted_mask_base64');
    expect(answer).not.toHaveProperty('overlay_base64');
  });

  test('answers masks for the chosen classes only', async () => {
    const classId = expected.detections_retina[0]!.cls;
    const answer = await segment(segmenterJob, picture, expected, { classes: String(classId) });
    expectBoxes(
      answer.predicted_boxes,
      expected.detections_retina.filter(({ cls }) => cls === classId),
    );
    expect(answer.predicted_masks).toHaveLength(answer.num_instances);
  });

  test('answers no instances and an empty mask where nothing is above the threshold', async () => {
    const answer = await segment(segmenterJob, picture, expected, { confidence_threshold: 1 });
    expect(answer).toMatchObject({ num_instances: 0, predicted_masks: [], predicted_boxes: [] });
    expectNumbers(answer.predicted_mask_base64, [], expected);
  });
});

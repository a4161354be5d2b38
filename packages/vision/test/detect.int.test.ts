import { detectionsOfYolo, letterbox, letterboxToTensor, unletterboxBoxes } from '@lensgate/vision';
import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf, openModel, readPicture, referenceResults, runModel } from './reference.js';

const references = [...referenceResults('det-samples'), ...referenceResults('det-variants')];
let session: InferenceSession;

beforeAll(async () => {
  session = await openModel('wardrobe-det.onnx');
});

afterAll(() => session.release());

test('the reference holds twelve samples and twenty-one variants', () => {
  expect(references).toHaveLength(33);
});

describe.each(references)('$result.image', ({ result, picture }) => {
  const [height, width] = result.settings.imgsz;

  test('is letterboxed to the very bytes of the reference', async () => {
    const { image } = letterbox(await readPicture(picture), { width, height });
    expect(digestOf(image.data)).toBe(result.input_sha256_rgb_u8_hwc);
  });

  test('gives the boxes of the reference, in its order', async () => {
    const { tensor, placement } = letterboxToTensor(await readPicture(picture), { width, height });
    const [output] = await runModel(session, tensor, [height, width]);
    const found = detectionsOfYolo(output!.data, {
      classCount: output!.dims[1]! - 4,
      anchorCount: output!.dims[2]!,
      scoreMin: result.settings.conf,
      iouMax: result.settings.iou,
      countMax: result.settings.max_det,
      scope: 'per-class',
    });
    expect(Array.from(found.classes)).toEqual(result.detections.map(({ cls }) => cls));
    const boxes = unletterboxBoxes(found.boxes, placement);
    for (const [i, expected] of result.detections.entries()) {
      expect(Math.abs(found.scores[i]! - expected.conf)).toBeLessThan(1e-5);
      for (const [k, edge] of expected.xyxy.entries()) expect(Math.abs(boxes[i * 4 + k]! - edge)).toBeLessThan(2e-3);
    }
  });
});

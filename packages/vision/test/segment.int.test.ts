import {
  coefficientsAt,
  cropRuleOf,
  decodeRle,
  detectionsOfYolo,
  encodeRle,
  inputMask,
  letterboxToTensor,
  type Mask,
  maskPolygon,
  maskToImage,
  retinaMask,
  unletterboxBoxes,
  unletterboxPoints,
  wholeMask,
} from '@lensgate/vision';
import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  openModel,
  type ReferenceDetection,
  type ReferenceMask,
  type ReferenceResult,
  readPicture,
  referenceResults,
  runModel,
} from './reference.js';

const folders = ['seg-samples', 'seg-variants', 'seg-lowconf'];
let session: InferenceSession;

beforeAll(async () => {
  session = await openModel('wardrobe-seg.onnx');
});

afterAll(() => session.release());

/** Detections of one picture, with what is needed to make their masks. */
async function segment(result: ReferenceResult, picture: string) {
  const [height, width] = result.settings.imgsz;
  const image = await readPicture(picture);
  const { tensor, placement } = letterboxToTensor(image, { width, height });
  const [rows, protos] = await runModel(session, tensor, [height, width]);
  const [, count, gridHeight, gridWidth] = protos!.dims as [number, number, number, number];
  const anchorCount = rows!.dims[2]!;
  const classCount = rows!.dims[1]! - 4 - count;
  const found = detectionsOfYolo(rows!.data, {
    classCount,
    anchorCount,
    scoreMin: result.settings.conf,
    iouMax: result.settings.iou,
    countMax: result.settings.max_det,
    scope: 'per-class',
  });
  const finalBoxes = unletterboxBoxes(found.boxes, placement);
  const prototypes = { count, width: gridWidth, height: gridHeight, data: protos!.data };
  const cropRule = cropRuleOf(found.count);
  const detections = Array.from(found.anchors, (anchor, i) => {
    const coefficients = coefficientsAt(rows!.data, { anchor, anchorCount, firstRow: 4 + classCount, count });
    const common = { prototypes, coefficients, cropRule };
    return {
      cls: found.classes[i]!,
      conf: found.scores[i]!,
      xyxy: Array.from(finalBoxes.subarray(i * 4, i * 4 + 4)),
      input: inputMask({ ...common, box: found.boxes.subarray(i * 4, i * 4 + 4) }, { width, height }),
      retina: retinaMask({ ...common, box: finalBoxes.subarray(i * 4, i * 4 + 4) }, image),
    };
  });
  return { detections, image, placement };
}

function rowRuns(mask: Mask): number[] {
  const runs = [0];
  let value = 0;
  for (const px of wholeMask(mask)) {
    if (px !== value) {
      runs.push(0);
      value = px;
    }
    runs[runs.length - 1]!++;
  }
  return runs;
}

function expectMask(mask: Mask, expected: ReferenceMask) {
  expect([mask.frame.height, mask.frame.width]).toEqual(expected.size_hw);
  expect(mask.area).toBe(expected.area);
  expect(rowRuns(mask).join()).toBe(expected.rle.join());
}

function expectPolygon(points: Float32Array, expected: ReferenceDetection['polygon']) {
  expect(points.length).toBe(expected.length * 2);
  // The reference writes whole tenths of a thousandth.
  const differences = expected.flat().map((value, i) => Math.abs(points[i]! - value));
  expect(Math.max(...differences, 0)).toBeLessThan(1e-3);
}

function expectSameDetections(
  found: { cls: number; conf: number; xyxy: number[] }[],
  expected: readonly ReferenceDetection[],
) {
  expect(found.map(({ cls }) => cls)).toEqual(expected.map(({ cls }) => cls));
  for (const [i, { conf, xyxy }] of expected.entries()) {
    expect(Math.abs(found[i]!.conf - conf)).toBeLessThan(1e-5);
    for (const [k, edge] of xyxy.entries()) expect(Math.abs(found[i]!.xyxy[k]! - edge)).toBeLessThan(2e-3);
  }
}

describe.each(folders)('%s', (folder) => {
  test.each(referenceResults(folder))(
    '$result.image: every mask, polygon and box as in the reference',
    async (entry) => {
      const { result, picture } = entry;
      const { detections, image, placement } = await segment(result, picture);

      const atInput = detections.filter(({ input }) => input.area > 0);
      expectSameDetections(atInput, result.detections);
      for (const [i, expected] of result.detections.entries()) {
        const { input } = atInput[i]!;
        expectMask(input, expected.mask);
        expectPolygon(unletterboxPoints(maskPolygon(input), placement), expected.polygon);
        if (expected.mask_scaled !== undefined) expectMask(maskToImage(input, image), expected.mask_scaled);
      }

      const atPicture = detections.filter(({ retina }) => retina.area > 0);
      expectSameDetections(atPicture, result.detections_retina);
      for (const [i, expected] of result.detections_retina.entries()) {
        const { retina } = atPicture[i]!;
        expectMask(retina, expected.mask);
        expectPolygon(maskPolygon(retina), expected.polygon);
        expect(Buffer.compare(wholeMask(decodeRle(encodeRle(retina))), wholeMask(retina))).toBe(0);
      }
    },
  );
});

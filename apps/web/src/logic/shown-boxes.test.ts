import type { PredictedBox } from '@lensgate/contracts';
import { expect, test } from 'vitest';
import {
  confidenceFloor,
  countByLabel,
  detectionsOf,
  largestFirst,
  shownAt,
  thresholdThatShows,
} from './shown-boxes.js';

const box = (confidence: number, label = 'coat'): PredictedBox => ({
  class_id: 4,
  label,
  confidence,
  bbox: [15, 15, 10, 10],
  x1: 10,
  y1: 10,
  x2: 20,
  y2: 20,
  format: 'yolo',
});

const answerOf = (boxes: PredictedBox[]) => ({
  task_type: 'object_detection' as const,
  image_name: 'a.png',
  image_width: 100,
  image_height: 100,
  preprocessing_time_ms: 1,
  inference_time_ms: 1,
  postprocessing_time_ms: 1,
  warnings: [],
  model: { name: 'm', checkpoint_path: 'c', sha256: '0'.repeat(64), warm: true },
  predicted_boxes: boxes,
  num_detections: boxes.length,
});

const detections = detectionsOf(answerOf([box(0.9), box(0.25), box(0.24, 'bag'), box(0.06)]));

test('a detection at the threshold is dropped, as the API drops it', () => {
  expect(shownAt(detections, 0.25).map(({ number }) => number)).toEqual([1]);
  expect(shownAt(detections, 0.24).map(({ number }) => number)).toEqual([1, 2]);
  expect(shownAt(detections, confidenceFloor)).toHaveLength(4);
});

test('the threshold that is offered shows the strongest detection', () => {
  for (const confidence of [0.06, 0.07, 0.29, 0.3, 0.301, 0.57, 0.999]) {
    const found = detectionsOf(answerOf([box(confidence)]));
    const threshold = thresholdThatShows(found) ?? Number.NaN;
    expect(shownAt(found, threshold), `${confidence} at ${threshold}`).toHaveLength(1);
  }
});

test('no threshold is offered where there is nothing to show', () => {
  expect(thresholdThatShows([])).toBeUndefined();
  expect(thresholdThatShows(detectionsOf(answerOf([box(0.05)])))).toBeUndefined();
});

test('labels are counted, most frequent first', () => {
  expect(countByLabel(detections)).toEqual([
    { label: 'coat', count: 3 },
    { label: 'bag', count: 1 },
  ]);
});

test('the smallest box comes last, whatever its confidence', () => {
  const sized = (side: number) => ({ ...box(1 / side), x2: 10 + side, y2: 10 + side });
  const found = detectionsOf(answerOf([sized(5), sized(20), sized(10)]));
  expect(largestFirst(found).map(({ number }) => number)).toEqual([2, 3, 1]);
});

test('a mask belongs to the box at its place', () => {
  const mask = { instance_id: 1, class_id: 4, confidence: 0.9, polygon: [[1, 2] as [number, number]] };
  const answer = { ...answerOf([box(0.9)]), task_type: 'instance_segmentation' as const, predicted_masks: [mask] };
  expect(detectionsOf({ ...answer, num_instances: 1 })[0]?.mask).toBe(mask);
});

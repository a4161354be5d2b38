import { expect, test } from 'vitest';
import { isCheckpointList, isJobList, isReply } from './shapes.js';

const box = { class_id: 4, label: 'coat', confidence: 0.9, x1: 10, y1: 10, x2: 20, y2: 20 };
const sized = {
  image_width: 100,
  image_height: 100,
  preprocessing_time_ms: 1,
  inference_time_ms: 1,
  postprocessing_time_ms: 1,
  warnings: [],
  model: { sha256: '0' },
};
const detected = { ...sized, task_type: 'object_detection', predicted_boxes: [box] };
const segmented = { ...detected, task_type: 'instance_segmentation', predicted_masks: [{}] };
const classified = {
  ...sized,
  task_type: 'image_classification',
  predicted_label: 'coat',
  confidence: 0.9,
  top5_predictions: [{ label_id: 4, label: 'coat', confidence: 0.9 }],
};

test('answers of each task are known', () => {
  for (const reply of [detected, segmented, classified]) expect(isReply(reply)).toBe(true);
});

test.each([
  ['nothing', undefined],
  ['a text', 'text'],
  ['a list', [detected]],
  ['a task that the page cannot show', { ...detected, task_type: 'depth_estimation' }],
  ['a task called as something that every object has', { ...detected, task_type: 'toString' }],
  ['an older answer', { detections: [box] }],
  ['an answer without sizes', { ...detected, image_width: undefined }],
  ['an answer without notes', { ...detected, warnings: undefined }],
  ['a box without corners', { ...detected, predicted_boxes: [{ ...box, x1: undefined }] }],
  ['boxes that are no list', { ...detected, predicted_boxes: { 0: box } }],
  ['outlines missing', { ...segmented, predicted_masks: undefined }],
  ['no classes', { ...classified, top5_predictions: undefined }],
])('%s is not an answer that can be shown', (_what, value) => {
  expect(isReply(value)).toBe(false);
});

test('lists of jobs and of checkpoints are known by what is read of them', () => {
  const job = { id: 1, name: 'a', task_type: 'object_detection' };
  expect(isJobList({ jobs: [job] })).toBe(true);
  for (const list of [[], {}, { jobs: {} }, { jobs: [{ ...job, id: 'one' }] }, { jobs: [null] }])
    expect(isJobList(list)).toBe(false);
  expect(isCheckpointList({ checkpoints: [{ sha256: '0' }] })).toBe(true);
  for (const list of [null, [], { checkpoints: [{}] }]) expect(isCheckpointList(list)).toBe(false);
});

import type { CheckpointList, InferenceReply, TrainingJob, TrainingJobList } from '@lensgate/contracts';

/**
 * Whether a document has what the page reads of it. The page may stand before a gateway of another version, and what is
 * checked here is what it could not do without; the rest may be missing.
 */
type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isListOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem);
const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const hasNumbers = (value: Fields, names: readonly string[]) => names.every((name) => isNumber(value[name]));

export const isJob = (value: unknown): value is TrainingJob =>
  isObject(value) && isNumber(value.id) && isText(value.name) && isText(value.task_type);

export const isJobList = (value: unknown): value is TrainingJobList => isObject(value) && isListOf(value.jobs, isJob);

export const isCheckpointList = (value: unknown): value is CheckpointList =>
  isObject(value) && isListOf(value.checkpoints, (each) => isObject(each) && isText(each.sha256));

const isBox = (value: unknown): boolean =>
  isObject(value) && isText(value.label) && hasNumbers(value, ['class_id', 'confidence', 'x1', 'y1', 'x2', 'y2']);
const isScore = (value: unknown): boolean =>
  isObject(value) && isText(value.label) && hasNumbers(value, ['label_id', 'confidence']);

const isResult = new Map<unknown, (value: Fields) => boolean>([
  ['object_detection', ({ predicted_boxes }) => isListOf(predicted_boxes, isBox)],
  [
    'instance_segmentation',
    ({ predicted_boxes, predicted_masks }) => isListOf(predicted_boxes, isBox) && isListOf(predicted_masks, isObject),
  ],
  [
    'image_classification',
    ({ predicted_label, confidence, top5_predictions }) =>
      isText(predicted_label) && isNumber(confidence) && isListOf(top5_predictions, isScore),
  ],
]);

const measured = [
  'image_width',
  'image_height',
  'preprocessing_time_ms',
  'inference_time_ms',
  'postprocessing_time_ms',
];

export const isReply = (value: unknown): value is InferenceReply =>
  isObject(value) &&
  hasNumbers(value, measured) &&
  isListOf(value.warnings, isText) &&
  isObject(value.model) &&
  (isResult.get(value.task_type)?.(value) ?? false);

import { z } from 'zod';
import { fieldWords } from './field-words.js';
import { JobId } from './jobs.js';
import { InferenceOptions, optionFields } from './options.js';
import { Problem } from './problem.js';
import { TaskType } from './tasks.js';
import { SessionId } from './uploads.js';
import { emptyAsAbsent, wireBoolean, wireJson, wireNumber } from './wire-values.js';

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, { error: fieldWords.sha256.en });

const checkpointPath = emptyAsAbsent(z.string().max(500).optional()).meta({
  description:
    'A handle that the gateway issued for this job, or `pretrained`. Default: the best checkpoint, else the newest.',
});

const imagePath = emptyAsAbsent(z.string().max(500).optional()).meta({
  description: 'A handle that upload-image has answered as `server_path`, instead of a file.',
});
const filename = emptyAsAbsent(z.string().max(255).optional()).meta({
  description:
    'Answered as `image_name`. Default: the name of the file, else `image` with the ending of its media type.',
});

/** Fields of the gateway's quick inference. */
export const QuickFields = z
  .object({
    training_job_id: JobId,
    checkpoint_path: checkpointPath,
    image_path: imagePath,
    session_id: emptyAsAbsent(SessionId.optional()).meta({
      description: 'With `image_path`: the session that the picture must be of.',
    }),
    filename,
    ...optionFields,
  })
  .meta({ id: 'QuickFields' });
export type QuickFields = z.infer<typeof QuickFields>;

/** Fields of a worker's quick inference: what the gateway read of the job, and the same options. */
export const WorkerQuickFields = z
  .object({
    training_job_id: JobId,
    framework: z.string().trim().min(1).max(100),
    model_name: z.string().trim().min(1).max(200),
    task_type: TaskType,
    num_classes: wireNumber(z.int().min(0).max(100_000)),
    dataset_path: z.string().max(1_000).default(''),
    output_dir: z.string().max(1_000).default(''),
    checkpoint_path: emptyAsAbsent(z.string().max(500).optional()),
    checkpoint_sha256: emptyAsAbsent(Sha256.optional()),
    class_names: emptyAsAbsent(wireJson(z.array(z.string().max(200)).max(100_000)).optional()),
    image_path: emptyAsAbsent(z.string().max(500).optional()).meta({ description: 'Answered as it is.' }),
    filename,
    warnings: emptyAsAbsent(wireJson(z.array(z.string().max(500)).max(100)).default([])).meta({
      description: 'A JSON list of sentences that are answered before the worker’s own: what a gateway has to say.',
    }),
    ...optionFields,
  })
  .meta({ id: 'WorkerQuickFields' });
export type WorkerQuickFields = z.infer<typeof WorkerQuickFields>;

export { InferenceOptions };

/** An answer with dozens of drawn pictures is large: they are asked for, not given. */
const batchOverlay = { overlay: wireBoolean.default(false) };

const notInBatch = { description: 'Has no effect on a batch; `warnings` say so.' };
const ignoredName = emptyAsAbsent(z.string().max(500).optional()).meta(notInBatch);

/** Fields of the gateway's batch, once for all pictures. */
export const BatchFields = QuickFields.extend({
  ...batchOverlay,
  image_path: ignoredName,
  session_id: ignoredName,
  filename: ignoredName,
}).meta({ id: 'BatchFields' });
export type BatchFields = z.infer<typeof BatchFields>;

/** Fields of a worker's batch. */
export const WorkerBatchFields = WorkerQuickFields.extend({
  ...batchOverlay,
  image_path: ignoredName,
  filename: ignoredName,
}).meta({ id: 'WorkerBatchFields' });

/** Pictures in one batch, and their bytes together. */
export const batchFilesMax = 64;
export const batchBytesMax = 256 * 1_048_576;

const pixels = z.number();
const confidence = z.number();

export const PredictedBox = z
  .object({
    class_id: z.int(),
    label: z.string(),
    confidence,
    bbox: z.tuple([pixels, pixels, pixels, pixels]).meta({ description: '[centre x, centre y, width, height], px' }),
    x1: pixels,
    y1: pixels,
    x2: pixels,
    y2: pixels,
    format: z.literal('yolo'),
  })
  .meta({ id: 'PredictedBox' });
export type PredictedBox = z.infer<typeof PredictedBox>;

export const PredictedMask = z
  .object({
    instance_id: z.int(),
    class_id: z.int(),
    confidence,
    polygon: z.array(z.tuple([pixels, pixels])).optional(),
    rle: z.object({ size: z.tuple([z.int(), z.int()]), counts: z.string() }).optional(),
  })
  .meta({ id: 'PredictedMask' });
export type PredictedMask = z.infer<typeof PredictedMask>;

export const LabelScore = z.object({ label_id: z.int(), label: z.string(), confidence }).meta({ id: 'LabelScore' });
export type LabelScore = z.infer<typeof LabelScore>;

const sized = { image_width: z.int(), image_height: z.int(), warnings: z.array(z.string()) };

/**
 * What a child answers for one picture, by task, without its encoded pictures. Coordinates are px of the uploaded
 * picture as a person sees it.
 */
export const TaskResult = z.discriminatedUnion('task_type', [
  z.object({
    task_type: z.literal('object_detection'),
    ...sized,
    predicted_boxes: z.array(PredictedBox),
    num_detections: z.int(),
  }),
  z.object({
    task_type: z.literal('instance_segmentation'),
    ...sized,
    predicted_boxes: z.array(PredictedBox),
    num_detections: z.int(),
    predicted_masks: z.array(PredictedMask),
    num_instances: z.int(),
  }),
  z.object({
    task_type: z.literal('image_classification'),
    ...sized,
    predicted_label: z.string(),
    predicted_label_id: z.int(),
    confidence,
    predictions: z.array(LabelScore),
    top5_predictions: z.array(LabelScore).max(5),
  }),
]);
export type TaskResult = z.infer<typeof TaskResult>;

/** The fields of a result that are Base64 of a picture. */
export const pictureFields = [
  'overlay_base64',
  'predicted_mask_base64',
  'upscaled_image_base64',
  'depth_base64',
] as const;
export const PictureField = z.enum(pictureFields);
export type PictureField = z.infer<typeof PictureField>;

/** What every result says besides the task's own fields. */
const answerFields = {
  image_name: z.string().meta({ description: "The client's own file name." }),
  image_path: z.string().optional().meta({ description: 'The handle, where one was sent.' }),
  preprocessing_time_ms: z.number(),
  inference_time_ms: z.number(),
  postprocessing_time_ms: z.number(),
  model: z.object({
    name: z.string(),
    checkpoint_path: z.string(),
    sha256: Sha256,
    warm: z.boolean().meta({ description: 'Whether the checkpoint was loaded before this request came.' }),
  }),
};
const picture = z.string().optional().meta({ description: 'Base64 without a data: prefix.' });

const [detection, segmentation, classification] = TaskResult.options;
export const InferenceReply = z
  .discriminatedUnion('task_type', [
    detection.extend({ ...answerFields, overlay_base64: picture }),
    segmentation.extend({ ...answerFields, overlay_base64: picture, predicted_mask_base64: picture }),
    classification.extend({ ...answerFields, overlay_base64: picture }),
  ])
  .meta({ id: 'InferenceReply' });
export type InferenceReply = z.infer<typeof InferenceReply>;
export type AnswerFields = Pick<InferenceReply, keyof typeof answerFields>;

/** In the order of the pictures; one that failed is a problem document at its place. */
export const BatchReply = z
  .object({ results: z.array(z.union([InferenceReply, Problem.extend({ index: z.int() })])) })
  .meta({ id: 'BatchReply' });

import { z } from 'zod';
import { fieldWords } from './field-words.js';
import { JobId } from './jobs.js';
import { InferenceOptions, optionFields } from './options.js';
import { Problem } from './problem.js';
import { TaskType } from './tasks.js';
import { SessionId } from './uploads.js';
import { emptyAsAbsent, wireBoolean, wireJson, wireNumber, withoutControls } from './wire-values.js';

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, { error: fieldWords.sha256.en });

const trainingJobId = JobId.meta({ description: 'The training job whose model answers.' });
const checkpointPath = emptyAsAbsent(z.string().max(500).optional()).meta({
  description:
    'A handle that the gateway issued for this job, or `pretrained`. Default: the best checkpoint, else the newest.',
});

const imagePath = emptyAsAbsent(z.string().max(500).optional()).meta({
  description: 'A handle that upload-image has answered as `server_path`, instead of a file.',
});
const filename = emptyAsAbsent(z.string().max(255).overwrite(withoutControls).optional()).meta({
  description:
    'Answered as `image_name`. Default: the name of the file, else `image` with the ending of its media type.',
});

/** Fields of the gateway's quick inference. */
export const QuickFields = z
  .object({
    training_job_id: trainingJobId,
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
    training_job_id: JobId.meta({ description: 'For the log and for messages; a worker knows no jobs.' }),
    framework: z.string().trim().min(1).max(100).meta({ description: 'The framework that this worker serves.' }),
    model_name: z.string().trim().min(1).max(200).meta({
      description: 'Without `checkpoint_sha256`: the built-in model of this name answers. Answered as `model.name`.',
    }),
    task_type: TaskType.meta({ description: 'What the model does; it must be the task of the checkpoint.' }),
    num_classes: wireNumber(z.int().min(0).max(100_000)).meta({
      description: 'Number of classes; a checkpoint with another number is refused. 0: not known.',
    }),
    dataset_path: z.string().max(1_000).default('').meta({ description: 'Accepted and not read.' }),
    output_dir: z.string().max(1_000).default('').meta({ description: 'Accepted and not read.' }),
    checkpoint_path: emptyAsAbsent(z.string().max(500).optional()).meta({
      description: 'Answered as it is. A worker opens no path of a caller: name a checkpoint by `checkpoint_sha256`.',
    }),
    checkpoint_sha256: emptyAsAbsent(Sha256.optional()).meta({
      description: 'SHA-256 of a checkpoint that was put into the store of this worker, lower-case hexadecimal.',
    }),
    class_names: emptyAsAbsent(wireJson(z.array(z.string().max(200)).max(100_000)).optional()).meta({
      description: 'Names of the classes, by id, for a checkpoint that has none; in forms and queries as JSON.',
    }),
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
const batchOverlay = {
  overlay: wireBoolean
    .default(false)
    .meta({ description: 'Whether each answer has its picture with the result drawn on it.' }),
};

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

const px = (description: string) => z.number().meta({ description: `${description}, px` });
const pixels = z.number();
const confidence = z.number().meta({ description: 'A fraction from 0 to 1.' });
const classId = z.int().meta({ description: 'The number of the class, from 0.' });
const label = z.string().meta({ description: 'The name of the class.' });

export const PredictedBox = z
  .object({
    class_id: classId,
    label,
    confidence,
    bbox: z.tuple([pixels, pixels, pixels, pixels]).meta({ description: '[centre x, centre y, width, height], px' }),
    x1: px('Left'),
    y1: px('Top'),
    x2: px('Right'),
    y2: px('Bottom'),
    format: z.literal('yolo').meta({ description: 'How `bbox` is written.' }),
  })
  .meta({ id: 'PredictedBox' });
export type PredictedBox = z.infer<typeof PredictedBox>;

export const PredictedMask = z
  .object({
    instance_id: z
      .int()
      .meta({ description: 'From 1, in the order of the boxes; the index in `predicted_mask_base64`.' }),
    class_id: classId,
    confidence,
    polygon: z
      .array(z.tuple([pixels, pixels]))
      .optional()
      .meta({ description: 'With masks=polygon: one ring of [x, y], px. Separate parts are joined into it.' }),
    rle: z
      .object({
        size: z.tuple([z.int(), z.int()]).meta({ description: '[height, width], px' }),
        counts: z.string().meta({ description: 'Run lengths, column by column, as COCO compresses them.' }),
      })
      .optional()
      .meta({ description: "With masks=rle: COCO's run-length encoding, exact to the pixel." }),
  })
  .meta({ id: 'PredictedMask' });
export type PredictedMask = z.infer<typeof PredictedMask>;

export const LabelScore = z.object({ label_id: classId, label, confidence }).meta({ id: 'LabelScore' });
export type LabelScore = z.infer<typeof LabelScore>;

const taskType = { description: 'Says which of the results this is.' };
const sized = {
  image_width: z.int().meta({ description: 'Width of the picture as a person sees it, px' }),
  image_height: z.int().meta({ description: 'Height of the picture as a person sees it, px' }),
  warnings: z.array(z.string()).meta({
    description: 'What was not as asked for, such as an option without effect; in Korean for those who prefer it.',
  }),
};
const boxes = {
  predicted_boxes: z.array(PredictedBox).meta({ description: 'The most confident first.' }),
  num_detections: z.int().meta({ description: 'How many boxes there are.' }),
};

/**
 * What a child answers for one picture, by task, without its encoded pictures. Coordinates are px of the uploaded
 * picture as a person sees it.
 */
export const TaskResult = z.discriminatedUnion('task_type', [
  z.object({
    task_type: z.literal('object_detection').meta(taskType),
    ...sized,
    ...boxes,
  }),
  z.object({
    task_type: z.literal('instance_segmentation').meta(taskType),
    ...sized,
    ...boxes,
    predicted_masks: z.array(PredictedMask).meta({ description: 'In the order of the boxes.' }),
    num_instances: z.int().meta({ description: 'How many masks there are.' }),
  }),
  z.object({
    task_type: z.literal('image_classification').meta(taskType),
    ...sized,
    predicted_label: z.string().meta({ description: 'The name of the most probable class.' }),
    predicted_label_id: z.int().meta({ description: 'The number of the most probable class, from 0.' }),
    confidence,
    predictions: z.array(LabelScore).meta({ description: 'The `top_k` most probable classes, descending.' }),
    top5_predictions: z.array(LabelScore).max(5).meta({ description: 'The first five of `predictions`, at most.' }),
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
  preprocessing_time_ms: z.number().meta({ description: 'Decoding and preparing the picture, milliseconds' }),
  inference_time_ms: z.number().meta({ description: 'Running the model, milliseconds' }),
  postprocessing_time_ms: z.number().meta({ description: 'Reading the result, drawing, encoding, milliseconds' }),
  model: z
    .object({
      name: z.string().meta({ description: 'The name that the job gives its model.' }),
      checkpoint_path: z.string().meta({ description: 'The handle of the checkpoint, or `pretrained`.' }),
      sha256: Sha256.meta({ description: 'SHA-256 of the checkpoint.' }),
      warm: z.boolean().meta({ description: 'Whether the checkpoint was loaded before this request came.' }),
    })
    .meta({ description: 'What has answered.' }),
};
const base64 = (description: string) =>
  z
    .string()
    .optional()
    .meta({ description: `${description} Base64 without a data: prefix.` });
const overlay = base64('Unless overlay=false: the picture with the result drawn on it, in `image_format`.');

const [detection, segmentation, classification] = TaskResult.options;
export const InferenceReply = z
  .discriminatedUnion('task_type', [
    detection.extend({ ...answerFields, overlay_base64: overlay }),
    segmentation.extend({
      ...answerFields,
      overlay_base64: overlay,
      predicted_mask_base64: base64(
        'Unless masks=none: an indexed PNG of the size of the picture; 0 is background, others are `instance_id`.',
      ),
    }),
    classification.extend({ ...answerFields, overlay_base64: overlay }),
  ])
  .meta({ id: 'InferenceReply' });
export type InferenceReply = z.infer<typeof InferenceReply>;
export type AnswerFields = Pick<InferenceReply, keyof typeof answerFields>;

const position = z.int().meta({ description: 'The place of the picture among the files, from 0.' });

/** In the order of the pictures; one that failed is a problem document at its place. */
export const BatchReply = z
  .object({
    results: z
      .array(z.union([InferenceReply, Problem.extend({ index: position })]))
      .meta({ description: 'In the order of the pictures; one that failed is a problem document at its place.' }),
  })
  .meta({ id: 'BatchReply' });

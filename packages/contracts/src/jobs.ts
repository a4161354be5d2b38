import { z } from 'zod';
import { fieldWords } from './field-words.js';
import { ReplicaState } from './models.js';
import { TaskType } from './tasks.js';
import { emptyAsAbsent, wireJson, wireNumber } from './wire-values.js';

const text = (max: number) => z.string().trim().min(1).max(max);
/** Postgres' integer. */
export const JobId = wireNumber(z.int().min(1).max(2_147_483_647));

const classNames = z.array(z.string().max(200)).max(100_000);
const jobFields = {
  name: text(200).meta({ description: 'For people.' }),
  framework: z.string().trim().min(1).max(100).nullable().default(null).meta({
    description: 'ultralytics, timm, huggingface, or another that falls back to TRAINING_SERVICE_URL.',
  }),
  model_name: text(200).meta({
    description: 'The name of the model; a job without a checkpoint is answered by the built-in model of this name.',
  }),
  task_type: TaskType.meta({ description: 'What the model does.' }),
  num_classes: z.int().min(0).max(100_000).meta({
    description: 'Number of classes; a checkpoint with another number is refused. 0: not known.',
  }),
  class_names: classNames.nullable().default(null).meta({
    description: 'Names of the classes, by id, for a checkpoint that has none.',
  }),
  dataset_path: z
    .string()
    .max(1_000)
    .nullable()
    .default(null)
    .meta({ description: 'Kept for the platform; not read.' }),
  output_dir: z.string().max(1_000).nullable().default(null).meta({ description: 'Kept for the platform; not read.' }),
  status: z.enum(['pending', 'running', 'completed', 'failed']).default('pending').meta({
    description: 'How far the training is, as the platform says; kept, not read.',
  }),
};

const time = (what: string) => z.iso.datetime().meta({ description: `When it was ${what}, UTC` });

export const TrainingJob = z
  .object({
    id: z.int().meta({ description: 'The id that inference takes as `training_job_id`.' }),
    ...jobFields,
    created_at: time('created'),
    updated_at: time('changed last'),
  })
  .meta({ id: 'TrainingJob' });
export type TrainingJob = z.infer<typeof TrainingJob>;

export const TrainingJobInput = z.strictObject(jobFields).meta({ id: 'TrainingJobInput' });
export type TrainingJobInput = z.infer<typeof TrainingJobInput>;

/** A field of a patch: without the default that a whole job has, so that what is not named stays. */
const changed = <T extends z.ZodType>(field: z.ZodDefault<T>) =>
  field
    .unwrap()
    .optional()
    .meta(field.meta() ?? {});

export const TrainingJobPatch = z
  .strictObject({
    name: jobFields.name.optional(),
    framework: changed(jobFields.framework),
    model_name: jobFields.model_name.optional(),
    task_type: jobFields.task_type.optional(),
    num_classes: jobFields.num_classes.optional(),
    class_names: changed(jobFields.class_names),
    dataset_path: changed(jobFields.dataset_path),
    output_dir: changed(jobFields.output_dir),
    status: changed(jobFields.status),
  })
  .meta({ id: 'TrainingJobPatch' });
export type TrainingJobPatch = z.infer<typeof TrainingJobPatch>;

export const ListQuery = z.object({
  limit: wireNumber(z.int().min(1).max(100)).default(20).meta({ description: 'At most so many jobs.' }),
  cursor: z.string().max(200).optional().meta({ description: 'The `next_cursor` of the page before.' }),
});
export type ListQuery = z.infer<typeof ListQuery>;

export const TrainingJobList = z
  .object({
    jobs: z.array(TrainingJob).meta({ description: 'The highest id first.' }),
    next_cursor: z.string().nullable().meta({ description: 'Asks for the next page as `cursor`; null on the last.' }),
  })
  .meta({ id: 'TrainingJobList' });
export type TrainingJobList = z.infer<typeof TrainingJobList>;

export const checkpointStatuses = ['pending', 'accepted', 'refused'] as const;

const Tensor = z.object({
  name: z.string().meta({ description: 'Its name in the graph.' }),
  type: z.string().meta({ description: 'The type of its numbers.' }),
  shape: z
    .array(z.union([z.int(), z.string()]))
    .meta({ description: 'Its sides; a name stands for one that is free.' }),
});

/** What looking into a checkpoint has shown. */
export const CheckpointFindings = z
  .object({
    family: z.string().nullable().meta({ description: 'How the checkpoint is fed and read, such as yolo-detect.' }),
    task_type: TaskType.nullable().meta({ description: 'What the checkpoint does, where the family says so.' }),
    inputs: z.array(Tensor).meta({ description: 'What the graph is fed.' }),
    outputs: z.array(Tensor).meta({ description: 'What the graph answers.' }),
    input_width: z.int().nullable().meta({ description: 'Width that pictures are brought to, px' }),
    input_height: z.int().nullable().meta({ description: 'Height that pictures are brought to, px' }),
    num_classes: z.int().nullable().meta({ description: "Number of classes, from the outputs' shape." }),
    class_names: z.array(z.string()).nullable().meta({ description: 'Names of the classes, by id.' }),
  })
  .meta({ id: 'CheckpointFindings' });
export type CheckpointFindings = z.infer<typeof CheckpointFindings>;

export const Checkpoint = z
  .object({
    id: z.string().meta({ description: 'Its id in paths of the API.' }),
    path: z.string().meta({ description: 'The handle that `checkpoint_path` takes.' }),
    filename: z.string().meta({ description: 'The name of the uploaded file.' }),
    is_best: z.boolean().meta({
      description: "Serves the job's pictures; of a pending one: will, when a worker has accepted it.",
    }),
    epoch: z.int().nullable().meta({ description: 'After which epoch of the training it was written.' }),
    pinned: z.boolean().meta({ description: 'Whether the workers keep it loaded.' }),
    sha256: z.string().meta({ description: 'SHA-256 of the file, lower-case hexadecimal.' }),
    bytes: z.int().meta({ description: 'Size of the file, bytes' }),
    status: z.enum(checkpointStatuses).meta({
      description:
        'pending: no worker has looked into it yet. accepted: it can be run. refused: `warnings` say why not.',
    }),
    findings: CheckpointFindings.nullable().meta({
      description: 'What the worker has found; null while pending, and of a refused one.',
    }),
    warnings: z.array(z.string()).meta({
      description:
        'What the uploader should know although it can be run; of a refused one, why it cannot. In the language of the request for which a worker looked into it.',
    }),
    created_at: time('uploaded'),
  })
  .meta({ id: 'Checkpoint' });
export type Checkpoint = z.infer<typeof Checkpoint>;

export const CheckpointList = z
  .object({ checkpoints: z.array(Checkpoint).meta({ description: 'The newest first.' }) })
  .meta({ id: 'CheckpointList' });
export type CheckpointList = z.infer<typeof CheckpointList>;

/** With how each worker of the job's framework holds them. */
export const ServedCheckpointList = z
  .object({
    checkpoints: z
      .array(
        Checkpoint.extend({
          serving: z.array(ReplicaState).meta({ description: 'How each worker holds it.' }),
        }),
      )
      .meta({ description: 'The newest first.' }),
  })
  .meta({ id: 'ServedCheckpointList' });
export type ServedCheckpointList = z.infer<typeof ServedCheckpointList>;

const epoch = z.int().min(0).max(1_000_000_000);
const jsonFile = (description: string) =>
  emptyAsAbsent(wireJson(z.record(z.string(), z.unknown(), { error: fieldWords.jsonObject.en })).optional()).meta({
    description,
  });

/** What the uploader knows of a checkpoint; a hint, the graph is the truth. */
export const CheckpointMetadata = z
  .looseObject({
    is_best: z
      .boolean()
      .optional()
      .meta({ description: 'Whether it answers for its job, from when a worker has accepted it. Default: false.' }),
    epoch: epoch.optional().meta({ description: 'After which epoch of the training it was written.' }),
    class_names: classNames.optional().meta({ description: 'Names of the classes, by id, if the file has none.' }),
    pretrained_cfg: z.record(z.string(), z.unknown()).optional().meta({ description: "timm's `pretrained_cfg`." }),
  })
  .meta({ id: 'CheckpointMetadata' });
export type CheckpointMetadata = z.infer<typeof CheckpointMetadata>;

/** Configuration that comes beside a model, under the names that transformers and timm give the files; text or files. */
export const CheckpointUploadFields = z.object({
  metadata: emptyAsAbsent(wireJson(CheckpointMetadata).optional()).meta({
    description: 'JSON: what the uploader knows of the checkpoint.',
  }),
  config: jsonFile('config.json of the model'),
  preprocessor_config: jsonFile('preprocessor_config.json of a Hugging Face model'),
  processor_config: jsonFile('processor_config.json of a newer Hugging Face model'),
});
export type CheckpointUploadFields = z.infer<typeof CheckpointUploadFields>;

export const CheckpointPatch = z
  .strictObject({
    is_best: z.boolean().optional().meta({ description: 'Whether it answers for its job, from when it is loaded.' }),
    epoch: epoch.nullable().optional().meta({ description: 'After which epoch of the training it was written.' }),
    pinned: z.boolean().optional().meta({ description: 'Whether the workers keep it loaded from now on.' }),
  })
  .meta({ id: 'CheckpointPatch' });
export type CheckpointPatch = z.infer<typeof CheckpointPatch>;

import { z } from 'zod';
import { fieldWords } from './field-words.js';
import { TaskType } from './tasks.js';
import { emptyAsAbsent, wireJson, wireNumber } from './wire-values.js';

const text = (max: number) => z.string().trim().min(1).max(max);
/** Postgres' integer. */
export const JobId = wireNumber(z.int().min(1).max(2_147_483_647));

const jobFields = {
  name: text(200),
  framework: z.string().trim().min(1).max(100).nullable().default(null).meta({
    description: 'ultralytics, timm, huggingface, or another that falls back to TRAINING_SERVICE_URL.',
  }),
  model_name: text(200),
  task_type: TaskType,
  num_classes: z.int().min(0).max(100_000),
  class_names: z.array(z.string().max(200)).max(100_000).nullable().default(null),
  dataset_path: z.string().max(1_000).nullable().default(null),
  output_dir: z.string().max(1_000).nullable().default(null),
  status: z.enum(['pending', 'running', 'completed', 'failed']).default('pending'),
};

export const TrainingJob = z
  .object({
    id: z.int(),
    ...jobFields,
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'TrainingJob' });
export type TrainingJob = z.infer<typeof TrainingJob>;

export const TrainingJobInput = z.strictObject(jobFields).meta({ id: 'TrainingJobInput' });
export type TrainingJobInput = z.infer<typeof TrainingJobInput>;

export const TrainingJobPatch = z
  .strictObject({
    name: jobFields.name.optional(),
    framework: z.string().trim().min(1).max(100).nullable().optional(),
    model_name: jobFields.model_name.optional(),
    task_type: TaskType.optional(),
    num_classes: jobFields.num_classes.optional(),
    class_names: z.array(z.string().max(200)).max(100_000).nullable().optional(),
    dataset_path: z.string().max(1_000).nullable().optional(),
    output_dir: z.string().max(1_000).nullable().optional(),
    status: z.enum(['pending', 'running', 'completed', 'failed']).optional(),
  })
  .meta({ id: 'TrainingJobPatch' });
export type TrainingJobPatch = z.infer<typeof TrainingJobPatch>;

export const ListQuery = z.object({
  limit: wireNumber(z.int().min(1).max(100)).default(20),
  cursor: z.string().max(200).optional(),
});
export type ListQuery = z.infer<typeof ListQuery>;

export const TrainingJobList = z
  .object({ jobs: z.array(TrainingJob), next_cursor: z.string().nullable() })
  .meta({ id: 'TrainingJobList' });
export type TrainingJobList = z.infer<typeof TrainingJobList>;

export const checkpointStatuses = ['pending', 'accepted', 'refused'] as const;

/** What looking into a checkpoint has shown. */
export const CheckpointFindings = z
  .object({
    family: z.string().nullable().meta({ description: 'How the checkpoint is fed and read, such as yolo-detect.' }),
    task_type: TaskType.nullable(),
    inputs: z.array(z.object({ name: z.string(), type: z.string(), shape: z.array(z.union([z.int(), z.string()])) })),
    outputs: z.array(z.object({ name: z.string(), type: z.string(), shape: z.array(z.union([z.int(), z.string()])) })),
    input_width: z.int().nullable(),
    input_height: z.int().nullable(),
    num_classes: z.int().nullable(),
    class_names: z.array(z.string()).nullable(),
    refusal: z.string().nullable().meta({ description: 'Why the checkpoint cannot be run; null when it can.' }),
  })
  .meta({ id: 'CheckpointFindings' });
export type CheckpointFindings = z.infer<typeof CheckpointFindings>;

export const Checkpoint = z
  .object({
    id: z.string(),
    path: z.string().meta({ description: 'The handle that `checkpoint_path` takes.' }),
    filename: z.string(),
    is_best: z.boolean(),
    epoch: z.int().nullable(),
    sha256: z.string(),
    bytes: z.int(),
    status: z.enum(checkpointStatuses),
    findings: CheckpointFindings.nullable(),
    warnings: z.array(z.string()),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Checkpoint' });
export type Checkpoint = z.infer<typeof Checkpoint>;

export const CheckpointList = z.object({ checkpoints: z.array(Checkpoint) }).meta({ id: 'CheckpointList' });
export type CheckpointList = z.infer<typeof CheckpointList>;

const jsonFile = (description: string) =>
  emptyAsAbsent(wireJson(z.record(z.string(), z.unknown(), { error: fieldWords.jsonObject.en })).optional()).meta({
    description,
  });

/** What the uploader knows of a checkpoint; a hint, the graph is the truth. */
export const CheckpointMetadata = z
  .looseObject({
    is_best: z.boolean().optional(),
    epoch: z.int().min(0).max(1_000_000_000).optional(),
    class_names: z.array(z.string().max(200)).max(100_000).optional(),
    pretrained_cfg: z.record(z.string(), z.unknown()).optional().meta({ description: "timm's `pretrained_cfg`." }),
  })
  .meta({ id: 'CheckpointMetadata' });
export type CheckpointMetadata = z.infer<typeof CheckpointMetadata>;

/** Configuration that comes beside a model, under the names that transformers and timm give the files; text or files. */
export const CheckpointUploadFields = z.object({
  metadata: emptyAsAbsent(wireJson(CheckpointMetadata).optional()),
  config: jsonFile('config.json of the model'),
  preprocessor_config: jsonFile('preprocessor_config.json of a Hugging Face model'),
  processor_config: jsonFile('processor_config.json of a newer Hugging Face model'),
});
export type CheckpointUploadFields = z.infer<typeof CheckpointUploadFields>;

export const CheckpointPatch = z
  .strictObject({
    is_best: z.boolean().optional(),
    epoch: z.int().min(0).max(1_000_000_000).nullable().optional(),
  })
  .meta({ id: 'CheckpointPatch' });
export type CheckpointPatch = z.infer<typeof CheckpointPatch>;

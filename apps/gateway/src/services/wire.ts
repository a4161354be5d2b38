import {
  type Checkpoint,
  CheckpointFindings,
  CheckpointMetadata,
  type Language,
  TaskType,
  type TrainingJob,
  type TrainingJobInput,
  type Words,
} from '@lensgate/contracts';
import type { CheckpointRow } from '../store/checkpoint-rows.js';
import type { Job, JobFields } from '../store/job-store.js';

/** Rows to answers and back; the only place where both sets of names meet. */
export function jobToWire(job: Job): TrainingJob {
  return {
    id: job.id,
    name: job.name,
    framework: job.framework,
    model_name: job.modelName,
    task_type: TaskType.parse(job.taskType),
    num_classes: job.numClasses,
    class_names: job.classNames,
    dataset_path: job.datasetPath,
    output_dir: job.outputDir,
    status: job.status,
    created_at: job.createdAt,
    updated_at: job.updatedAt,
  };
}

const columnOf = {
  name: 'name',
  framework: 'framework',
  model_name: 'modelName',
  task_type: 'taskType',
  num_classes: 'numClasses',
  class_names: 'classNames',
  dataset_path: 'datasetPath',
  output_dir: 'outputDir',
  status: 'status',
} as const satisfies Record<keyof TrainingJobInput, keyof JobFields>;

/** The fields that are given, under the store's names. */
export function changesFromWire(changes: { [Field in keyof TrainingJobInput]?: TrainingJobInput[Field] | undefined }) {
  const entries = Object.entries(changes).map(([field, value]) => [columnOf[field as keyof TrainingJobInput], value]);
  return Object.fromEntries(entries) as Partial<JobFields>;
}

export const jobFromWire = (input: TrainingJobInput): JobFields => changesFromWire(input) as JobFields;

export function checkpointToWire(row: CheckpointRow): Checkpoint {
  return {
    id: row.id,
    path: row.path,
    filename: row.filename,
    is_best: row.isBest,
    epoch: row.epoch,
    pinned: row.pinned,
    sha256: row.sha256,
    bytes: row.bytes,
    status: row.status,
    findings: CheckpointFindings.safeParse(row.findings).data ?? null,
    warnings: row.warnings,
    created_at: row.createdAt,
  };
}

/** With what is to be said now, beside what was found when it was looked into. */
export const withNotes = (checkpoint: Checkpoint, notes: readonly Words[], language: Language): Checkpoint => ({
  ...checkpoint,
  warnings: [...checkpoint.warnings, ...notes.map((words) => words[language])],
});

/** Names that were uploaded beside a checkpoint come before the job's. */
export const classNamesFor = (job: Job, checkpoint: CheckpointRow | null): readonly string[] | null =>
  CheckpointMetadata.safeParse(checkpoint?.metadata).data?.class_names ?? job.classNames;

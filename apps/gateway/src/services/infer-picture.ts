import { type BatchFields, Failure, optionFields, type QuickFields, type Words } from '@lensgate/contracts';
import { type FileChunks, orGiveUp } from '@lensgate/http-kit';
import type { GatewayParts } from '../gateway-parts.js';
import type { Viewer } from '../store/viewer.js';
import type { Asker } from '../workers/checkpoint-push.js';
import type { WorkerAnswer } from '../workers/worker-http.js';
import { acceptedCheckpoint, checkpointToSend } from './inspect-checkpoint.js';
import { type Placement, placeInference } from './place-inference.js';
import { classNamesFor } from './wire.js';

type InferenceFields = QuickFields | BatchFields;

/** What is the same for every picture of a request; times are of the monotonic clock. */
export interface PlacedRequest {
  readonly placement: Placement;
  readonly fields: InferenceFields;
  readonly arrivedAtMs: number;
  readonly deadlineAtMs: number;
  readonly asker: Asker;
  readonly viewer: Viewer;
  /** The handle that the picture was asked for by. */
  readonly imagePath?: string | undefined;
  /** Answered before the worker's own. */
  readonly warnings: readonly Words[];
}

/**
 * Finds out which checkpoint runs, and that a worker accepts it.
 * @throws as `placeInference`, the refusal of the checkpoint, and the signal's reason
 */
export async function placeAccepted(
  parts: GatewayParts,
  fields: InferenceFields,
  { asker, signal, viewer }: { asker: Asker; signal: AbortSignal; viewer: Viewer },
): Promise<Placement> {
  const placement = await orGiveUp(placeInference(parts.jobs, fields, viewer), signal);
  if (placement.checkpoint?.status !== 'pending') return placement;
  return orGiveUp(inspectFirst(parts, placement, asker), signal);
}

/**
 * Runs one picture on a worker of the job's framework. Who names no checkpoint follows the job: when the one that was
 * chosen has been deleted meanwhile, also by another gateway, the picture goes to the one that is the best now.
 * @throws as `WorkerClient.infer` and `placeAccepted`
 */
export async function inferPicture(
  parts: GatewayParts,
  request: PlacedRequest,
  file: FileChunks,
  signal: AbortSignal,
): Promise<WorkerAnswer> {
  try {
    return await inferOnce(parts, request, file, signal);
  } catch (error) {
    const { placement, fields } = request;
    const isGone = error instanceof Failure && error.code === 'CHECKPOINT_NOT_FOUND';
    if (!isGone || fields.checkpoint_path !== undefined) throw error;
    parts.jobs.forget(placement.job.id);
    const replaced = await placeAccepted(parts, fields, { ...request, signal });
    return inferOnce(parts, { ...request, placement: replaced }, file, signal);
  }
}

function inferOnce(
  { workers }: GatewayParts,
  { placement, fields, imagePath, warnings, viewer, asker, ...call }: PlacedRequest,
  file: FileChunks,
  signal: AbortSignal,
): Promise<WorkerAnswer> {
  const { job, checkpoint } = placement;
  return workers.infer({
    framework: job.framework,
    fields: {
      ...jobFields(placement),
      image_path: imagePath,
      warnings: warnings.length > 0 ? JSON.stringify(warnings.map((words) => words[asker.language])) : undefined,
      ...optionTexts(fields),
    },
    file: { name: 'file', ...file },
    checkpoint: checkpoint && checkpointToSend(job, checkpoint),
    jobId: job.id,
    ...asker,
    ...call,
    signal,
  });
}

/** A checkpoint that no worker has seen yet is looked into before its first use. */
async function inspectFirst(parts: GatewayParts, placement: Placement, asker: Asker): Promise<Placement> {
  const { job, checkpoint } = placement;
  if (!checkpoint) return placement;
  return { ...placement, checkpoint: await acceptedCheckpoint(parts, { job, row: checkpoint, asker }) };
}

/** What the worker must know of the job. */
function jobFields({ job, checkpoint, checkpointPath }: Placement): Record<string, string | undefined> {
  const classNames = classNamesFor(job, checkpoint);
  return {
    training_job_id: String(job.id),
    model_name: job.modelName,
    task_type: job.taskType,
    num_classes: String(job.numClasses),
    dataset_path: job.datasetPath ?? '',
    output_dir: job.outputDir ?? '',
    checkpoint_path: checkpointPath,
    checkpoint_sha256: checkpoint?.sha256,
    class_names: classNames ? JSON.stringify(classNames) : undefined,
  };
}

/** The options as text again; lists are comma-separated. */
function optionTexts(fields: InferenceFields): Record<string, string | undefined> {
  const names = Object.keys(optionFields) as (keyof typeof optionFields)[];
  return Object.fromEntries(names.map((name) => [name, fields[name]?.toString()]));
}

import { Checkpoint, CheckpointList, CheckpointPatch, CheckpointUploadFields, ServedCheckpointList } from '../jobs.js';
import { ServingChange } from '../models.js';
import { defineRoute } from './route-contract.js';
import { jsonErrors, loadErrors, multipartErrors, workerErrors } from './route-errors.js';
import { checkpointParams, jobParams, TimeLimit, v1 } from './shared.js';

export const checkpointRoutes = {
  listCheckpoints: defineRoute({
    id: 'listCheckpoints',
    method: 'GET',
    path: `${v1}/training/jobs/:id/checkpoints`,
    tag: 'checkpoints',
    summary: 'Lists the checkpoints of a training job, newest first, and how each worker holds them',
    params: jobParams,
    replies: { 200: ServedCheckpointList },
    errors: ['FIELD_INVALID', 'JOB_NOT_FOUND', 'DATABASE_UNAVAILABLE'],
  }),
  uploadCheckpoint: defineRoute({
    id: 'uploadCheckpoint',
    method: 'POST',
    path: `${v1}/training/jobs/:id/checkpoints`,
    tag: 'checkpoints',
    summary:
      'Uploads an ONNX checkpoint, or a zip with one and its configuration; the worker of the job’s framework looks into it and says what it found',
    params: jobParams,
    body: { kind: 'multipart', file: 'file', fields: CheckpointUploadFields },
    replies: { 200: CheckpointList, 201: CheckpointList, 202: CheckpointList },
    errors: [
      ...multipartErrors,
      'JOB_NOT_FOUND',
      'CHECKPOINT_REFUSED',
      'TASK_NOT_SERVED',
      'DATABASE_UNAVAILABLE',
      'DISK_FULL',
    ],
  }),
  patchCheckpoint: defineRoute({
    id: 'patchCheckpoint',
    method: 'PATCH',
    path: `${v1}/training/jobs/:id/checkpoints/:checkpoint_id`,
    tag: 'checkpoints',
    summary:
      'Changes a checkpoint: its epoch, whether the workers keep it loaded, whether it is the best, which is loaded before pictures go to it',
    params: checkpointParams,
    body: { kind: 'json', schema: CheckpointPatch },
    replies: { 200: Checkpoint },
    errors: [
      ...jsonErrors,
      'JOB_NOT_FOUND',
      'CHECKPOINT_NOT_FOUND',
      'CHECKPOINT_FILE_MISSING',
      'TASK_NOT_SERVED',
      ...loadErrors,
      'WORKER_PROTOCOL',
      'DATABASE_UNAVAILABLE',
    ],
  }),
  deleteCheckpoint: defineRoute({
    id: 'deleteCheckpoint',
    method: 'DELETE',
    path: `${v1}/training/jobs/:id/checkpoints/:checkpoint_id`,
    tag: 'checkpoints',
    summary: 'Deletes a checkpoint',
    params: checkpointParams,
    replies: { 204: 'empty' },
    errors: ['FIELD_INVALID', 'JOB_NOT_FOUND', 'CHECKPOINT_NOT_FOUND', 'DATABASE_UNAVAILABLE'],
  }),
  warmCheckpoint: defineRoute({
    id: 'warmCheckpoint',
    method: 'POST',
    path: `${v1}/training/jobs/:id/checkpoints/:checkpoint_id/warm`,
    tag: 'checkpoints',
    summary: 'Loads a checkpoint on every worker of the job’s framework and answers when that is done',
    params: checkpointParams,
    query: TimeLimit,
    replies: { 200: ServingChange },
    errors: [
      'JOB_NOT_FOUND',
      'CHECKPOINT_NOT_FOUND',
      'CHECKPOINT_FILE_MISSING',
      'TASK_NOT_SERVED',
      ...loadErrors,
      ...workerErrors,
      'DATABASE_UNAVAILABLE',
    ],
  }),
  unloadCheckpoint: defineRoute({
    id: 'unloadCheckpoint',
    method: 'POST',
    path: `${v1}/training/jobs/:id/checkpoints/:checkpoint_id/unload`,
    tag: 'checkpoints',
    summary:
      'Ends the processes of a checkpoint on every worker, those that run a picture after it, and takes its pin away',
    params: checkpointParams,
    query: TimeLimit,
    replies: { 200: ServingChange },
    errors: [
      'FIELD_INVALID',
      'JOB_NOT_FOUND',
      'CHECKPOINT_NOT_FOUND',
      'DRAINING',
      'DEADLINE_EXCEEDED',
      ...workerErrors,
      'DATABASE_UNAVAILABLE',
    ],
  }),
} as const;

import { z } from 'zod';
import { Checkpoint, CheckpointList, CheckpointPatch, CheckpointUploadFields, JobId } from '../jobs.js';
import { defineRoute } from './route-contract.js';
import { jsonErrors, multipartErrors } from './route-errors.js';
import { v1 } from './shared.js';

const jobParams = z.object({ id: JobId });
const checkpointParams = z.object({ id: JobId, checkpoint_id: z.string().min(1).max(100) });

export const checkpointRoutes = {
  listCheckpoints: defineRoute({
    id: 'listCheckpoints',
    method: 'GET',
    path: `${v1}/training/jobs/:id/checkpoints`,
    tag: 'checkpoints',
    summary: 'Lists the checkpoints of a training job, newest first',
    params: jobParams,
    replies: { 200: CheckpointList },
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
    errors: [...multipartErrors, 'JOB_NOT_FOUND', 'CHECKPOINT_REFUSED', 'TASK_NOT_SERVED', 'DATABASE_UNAVAILABLE'],
  }),
  patchCheckpoint: defineRoute({
    id: 'patchCheckpoint',
    method: 'PATCH',
    path: `${v1}/training/jobs/:id/checkpoints/:checkpoint_id`,
    tag: 'checkpoints',
    summary: 'Changes a checkpoint: whether it is the best, its epoch',
    params: checkpointParams,
    body: { kind: 'json', schema: CheckpointPatch },
    replies: { 200: Checkpoint },
    errors: [...jsonErrors, 'JOB_NOT_FOUND', 'CHECKPOINT_NOT_FOUND', 'DATABASE_UNAVAILABLE'],
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
} as const;

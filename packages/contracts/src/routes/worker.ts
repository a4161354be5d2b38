import { z } from 'zod';
import { ModelEntry, StoredCheckpoint, WorkerModels, WorkerReady } from '../health.js';
import {
  BatchReply,
  batchFilesMax,
  InferenceReply,
  Sha256,
  WorkerBatchFields,
  WorkerQuickFields,
} from '../inference.js';
import { TaskType } from '../tasks.js';
import { emptyAsAbsent, wireJson, wireNumber } from '../wire-values.js';
import { defineRoute } from './route-contract.js';
import { inferenceErrors, multipartErrors } from './route-errors.js';
import { batchSummary, health, metrics, pictureTypes } from './shared.js';

const digestParams = z.object({ sha256: Sha256 });

/** Every operation of a worker. */
export const workerRoutes = {
  quickInference: defineRoute({
    id: 'workerQuickInference',
    method: 'POST',
    path: '/inference/quick',
    tag: 'inference',
    summary: 'Runs one picture through a checkpoint',
    body: { kind: 'forms', file: 'file', fields: WorkerQuickFields, raw: pictureTypes },
    replies: { 200: InferenceReply },
    errors: [...multipartErrors, 'KEY_REQUIRED', 'CHECKPOINT_NEEDED', 'CHECKPOINT_MISSING', ...inferenceErrors],
  }),
  batchInference: defineRoute({
    id: 'workerBatchInference',
    method: 'POST',
    path: '/inference/batch',
    tag: 'inference',
    summary: batchSummary,
    body: { kind: 'multipart', file: 'files', filesMax: batchFilesMax, fields: WorkerBatchFields },
    replies: { 200: BatchReply },
    errors: [...multipartErrors, 'KEY_REQUIRED', 'CHECKPOINT_NEEDED', 'CHECKPOINT_MISSING', ...inferenceErrors],
  }),
  putCheckpoint: defineRoute({
    id: 'putCheckpoint',
    method: 'PUT',
    path: '/checkpoints/:sha256',
    tag: 'checkpoints',
    summary: 'Stores a checkpoint under its digest and looks into it',
    params: digestParams,
    query: z.object({
      task_type: TaskType.optional(),
      num_classes: wireNumber(z.int().min(0)).optional(),
      class_names: emptyAsAbsent(wireJson(z.array(z.string())).optional()),
    }),
    body: { kind: 'binary', mediaType: 'application/octet-stream' },
    replies: { 200: StoredCheckpoint },
    errors: [
      'FIELD_INVALID',
      'MEDIA_TYPE_UNSUPPORTED',
      'KEY_REQUIRED',
      'FILE_TOO_LARGE',
      'DIGEST_MISMATCH',
      'MEMORY_EXHAUSTED',
      'STARTING',
      'DRAINING',
      'CHILD_CRASHED',
    ],
  }),
  getCheckpoint: defineRoute({
    id: 'getCheckpoint',
    method: 'GET',
    path: '/checkpoints/:sha256',
    tag: 'checkpoints',
    summary: 'Says what the worker knows of a checkpoint',
    params: digestParams,
    replies: { 200: ModelEntry },
    errors: ['FIELD_INVALID', 'KEY_REQUIRED', 'MODEL_NOT_FOUND'],
  }),
  deleteCheckpoint: defineRoute({
    id: 'deleteStoredCheckpoint',
    method: 'DELETE',
    path: '/checkpoints/:sha256',
    tag: 'checkpoints',
    summary: 'Unloads a checkpoint and removes it from the store',
    params: digestParams,
    replies: { 204: 'empty' },
    errors: ['FIELD_INVALID', 'KEY_REQUIRED', 'MODEL_NOT_FOUND'],
  }),
  listModels: defineRoute({
    id: 'listWorkerModels',
    method: 'GET',
    path: '/models/list',
    tag: 'models',
    summary: 'Lists the families this worker serves and the checkpoints it holds',
    replies: { 200: WorkerModels },
    errors: ['KEY_REQUIRED'],
  }),
  getModel: defineRoute({
    id: 'getWorkerModel',
    method: 'GET',
    path: '/models/*',
    tag: 'models',
    summary: 'Reads a built-in model by its name, which may contain slashes',
    params: z.object({ '*': z.string().min(1).max(200) }),
    replies: { 200: ModelEntry },
    errors: ['KEY_REQUIRED', 'MODEL_NOT_FOUND'],
  }),
  health,
  ready: defineRoute({
    id: 'getWorkerReady',
    method: 'GET',
    path: '/ready',
    tag: 'service',
    summary: 'Says whether this worker can serve',
    replies: { 200: WorkerReady, 503: WorkerReady },
    errors: [],
  }),
  metrics,
} as const;
